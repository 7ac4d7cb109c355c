"""Keys that sign releases: made, written so that nobody else can read them, and read back.

A private key is PKCS 8, a public one X.509 SubjectPublicKeyInfo, both PEM. A public key file may hold several keys:
that is the list of trusted ones, and how keys are rotated (`docs/delivery.md`).
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from seefud.errors import InputError

__all__ = [
    "PASSPHRASE",
    "KeyPair",
    "git_work_tree",
    "key_id",
    "make_keys",
    "passphrase_from_environment",
    "read_private_key",
    "read_public_keys",
]

PASSPHRASE = "SEEFUD_KEY_PASSPHRASE"
"""Environment variable with the passphrase of private keys; without it they are stored unencrypted."""
_MOST_KEY_BYTES = 65_536
_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


@dataclass(frozen=True)
class KeyPair:
    """What `make_keys` wrote."""

    id: str
    private: Path
    public: Path
    encrypted: bool


def key_id(public: ec.EllipticCurvePublicKey) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the key's SubjectPublicKeyInfo in DER."""
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:16]


def git_work_tree(place: Path) -> Path | None:
    """The git work tree that a path lies in, links followed, or None. Needs no git."""
    real = place.resolve()
    return next((folder for folder in (real, *real.parents) if (folder / ".git").exists()), None)


def passphrase_from_environment() -> bytes | None:
    """The passphrase, or None if the variable is not set.

    Raises:
        InputError: it is set and empty, as by a secret that does not exist.
    """
    value = os.environ.get(PASSPHRASE)
    if value == "":
        raise InputError(f"{PASSPHRASE}: expected a passphrase, found an empty one; set it, or unset the variable")
    return None if value is None else value.encode()


def make_keys(folder: Path, name: str, passphrase: bytes | None = None) -> KeyPair:
    """Makes a P-256 key pair and writes `name.private.pem` (mode 0600) and `name.public.pem`.

    Args:
        folder: outside of any git work tree, so that no private key is ever committed; made if need be.
        name: of the files, without folders.
        passphrase: encrypts the private key; None for an unencrypted one.

    Raises:
        InputError: the folder lies in a git work tree or cannot be written to, or a file is there already.
    """
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise InputError(f"--name {name!r}: expected letters, digits, dots and dashes; choose another name")
    tree = git_work_tree(folder)
    if tree is not None:
        raise InputError(
            f"{folder}: expected a folder outside of any git work tree, found one inside of {tree}; a private key must "
            "never be committed: choose a folder elsewhere"
        )
    private_file, public_file = folder / f"{name}.private.pem", folder / f"{name}.public.pem"
    for file in (private_file, public_file):
        if file.exists() or file.is_symlink():
            raise InputError(
                f"{file}: expected no such file, found one; a key is never overwritten: choose another name"
            )
    key = ec.generate_private_key(ec.SECP256R1())
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    known = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_new(private_file, secret, 0o600)
        try:
            _write_new(public_file, known, 0o644)
        except OSError:
            private_file.unlink()  # nobody has seen it
            raise
    except OSError as error:
        raise InputError(
            f"{error.filename or folder}: cannot be written ({error.strerror}); choose another folder"
        ) from error
    return KeyPair(key_id(key.public_key()), private_file, public_file, passphrase is not None)


def read_private_key(path: Path, passphrase: bytes | None = None) -> ec.EllipticCurvePrivateKey:
    """Reads a private key that only its owner can read.

    Raises:
        InputError: the file cannot be read, others may read it, the passphrase is wrong or missing, or it is no P-256
            key.
    """
    content = _read(path)
    if os.name == "posix" and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        raise InputError(
            f"{path}: expected a private key that only its owner can read (mode 0600), found mode {mode:04o}; "
            "chmod 600 it, and make a new key if others may have read it"
        )
    try:
        key = serialization.load_pem_private_key(content, passphrase)
    except TypeError as error:
        wanted, remedy = (
            ("a passphrase", f"set {PASSPHRASE}") if passphrase is None else ("none", f"unset {PASSPHRASE}")
        )
        raise InputError(f"{path}: the key needs {wanted}; {remedy}") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        reason = "or the passphrase is wrong" if passphrase is not None else "as seefud keygen writes it"
        raise InputError(f"{path}: expected a private key in PEM, {reason}; check the file") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InputError(f"{path}: expected a P-256 key, found {_kind(key)}; make one with seefud keygen")
    return key


def read_public_keys(paths: Iterable[Path]) -> dict[str, ec.EllipticCurvePublicKey]:
    """The trusted keys of some PEM files by their ids, in the order of the files.

    Raises:
        InputError: a file cannot be read, holds no key, a private key, or a key that is not of P-256.
    """
    keys: dict[str, ec.EllipticCurvePublicKey] = {}
    for path in paths:
        blocks = list(_BLOCK.finditer(_read(path)))
        if not blocks:
            raise InputError(f"{path}: expected public keys in PEM, found none; give what seefud keygen wrote")
        for block in blocks:
            label = block[1].decode("ascii")
            if "PRIVATE" in label:
                raise InputError(f"{path}: expected public keys, found a private one; give the .public.pem beside it")
            try:
                key = serialization.load_pem_public_key(block[0])
            except (ValueError, UnsupportedAlgorithm) as error:
                raise InputError(
                    f"{path}: expected a public key in PEM, found a broken {label}; copy it again"
                ) from error
            if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
                raise InputError(f"{path}: expected a P-256 key, found {_kind(key)}; make one with seefud keygen")
            keys[key_id(key)] = key
    return keys


def _kind(key: object) -> str:
    curve = getattr(getattr(key, "curve", None), "name", None)
    return f"one of {curve}" if curve else type(key).__name__.strip("_")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_KEY_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give the path of a key in PEM") from error
    if len(content) > _MOST_KEY_BYTES:
        raise InputError(
            f"{path}: expected a key file of at most {_MOST_KEY_BYTES:,} bytes, found more; give a PEM file"
        )
    return content


def _write_new(path: Path, content: bytes, mode: int) -> None:
    """Writes a file that must not exist yet; it has its mode from the first moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
