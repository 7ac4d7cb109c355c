"""Signing a finished file and checking a signed one, both of them files on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from seefud.errors import InputError
from seefud.signature import (
    MOST_SIGNATURE_BYTES,
    MOST_SIZE,
    Claims,
    Signature,
    check_content,
    check_model_id,
    check_release,
    check_size,
    sign,
)
from seefud_converter.bundle import parse_bundle

__all__ = ["SUFFIX", "sign_file", "signature_beside", "verify_signed_file"]

SUFFIX = ".sig"


def signature_beside(model: Path) -> Path:
    """`seefud.tflite.sig` of `seefud.tflite`."""
    return model.with_name(model.name + SUFFIX)


def sign_file(
    model: Path, release: int, private: ec.EllipticCurvePrivateKey, out: Path | None = None
) -> tuple[Path, Claims]:
    """Reads and checks a bundle, signs its bytes, and writes the signature file.

    A signature that is there already sets a floor: the number must be larger, or the same for the very same file.

    Args:
        model: the `.tflite`.
        release: its number; see `seefud.signature.Claims`.
        private: the key.
        out: where to write; beside the file unless given.

    Raises:
        InputError: a file cannot be read or written, or the number is not larger than that of the earlier signature.
        SignatureError: what is in the signature's place is no signature.
        seefud_converter.errors.BundleError: the file is no bundle that a phone would take.
    """
    place = out or signature_beside(model)
    content = _read(model, MOST_SIZE)
    bundle = parse_bundle(content, model)
    signature = sign(content, str(bundle.document["model_id"]), release, private)
    if place.exists():
        earlier = Signature.parse(_read(place, MOST_SIGNATURE_BYTES), str(place)).claims
        same = (release, signature.claims.sha256) == (earlier.release, earlier.sha256)
        if release <= earlier.release and not same:
            raise InputError(
                f"--release {release}: expected a number above {earlier.release}, which {place.name} has for "
                f"{'this file' if signature.claims.sha256 == earlier.sha256 else 'another file'}; phones take no "
                "release that is not newer: give a larger number"
            )
    temporary = place.with_name(place.name + ".partial")
    try:
        temporary.write_bytes(signature.to_bytes())
        os.replace(temporary, place)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"{place}: cannot be written ({error.strerror}); choose another place with --out") from error
    return place, signature.claims


def verify_signed_file(
    model: Path,
    keys: Mapping[str, ec.EllipticCurvePublicKey],
    signature: Path | None = None,
    newer_than: int = 0,
) -> Claims:
    """Checks what a phone checks before it takes a file, in the same order.

    Signature's form, key, signature, release number, size, digest, the bundle itself, model id. The file is read once,
    so that what was checked is what was read.

    Args:
        model: the `.tflite`.
        keys: trusted public keys by their ids.
        signature: beside the file unless given.
        newer_than: the release that is there already; 0 if there is none.

    Returns:
        What the key has signed.

    Raises:
        InputError: a file cannot be read.
        SignatureError: one of its subclasses says why the file is refused.
        seefud_converter.errors.BundleError: the key has signed something that is no bundle.
    """
    place = signature or signature_beside(model)
    claims = Signature.parse(_read(place, MOST_SIGNATURE_BYTES), str(place)).check(keys, str(place))
    check_release(claims, str(place), newer_than)
    check_size(claims, _size(model), str(model))
    content = _read(model, claims.size)
    check_content(claims, content, str(model))
    check_model_id(claims, str(parse_bundle(content, model).document["model_id"]), str(model))
    return claims


def _read(path: Path, most: int) -> bytes:
    """A file's bytes, or one more than `most` of them."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
