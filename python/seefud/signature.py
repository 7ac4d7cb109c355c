"""A detached signature: its one form on disk, the bytes that it covers, and the check of a file against it.

ECDSA on P-256 with SHA-256 (FIPS 186-5, section 6), DER as X9.62 writes it: `SHA256withECDSA` of
`java.security.Signature`. `docs/delivery.md` is the contract for other languages.

ECDSA signatures can be rewritten without the key: `(r, n - s)` is as good as `(r, s)`, and base64, DER and JSON know
many spellings of one value. A verifier here takes one spelling only, with `s` in the lower half of its range (as in
BIP 62), so that no byte of a signature file can change. The range check also keeps out `r = s = 0`, which some Java
runtimes accepted (CVE-2022-21449).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from seefud.errors import InputError
from seefud.signature_errors import (
    NewerSignatureSchemaError,
    RollbackError,
    SignatureFormError,
    UnknownKeyError,
    WrongDigestError,
    WrongModelError,
    WrongSignatureError,
    WrongSizeError,
)
from seefud.signing_keys import key_id

__all__ = [
    "MOST_RELEASE",
    "MOST_SIGNATURE_BYTES",
    "MOST_SIZE",
    "SCHEMA",
    "Claims",
    "Signature",
    "check_content",
    "check_model_id",
    "check_release",
    "check_size",
    "sign",
]

SCHEMA = 1
MOST_SIGNATURE_BYTES = 1024
"""More than twice what schema 1 can need."""
MOST_RELEASE = 999_999_999_999_999
"""Fifteen digits: exact in every language's numbers, also as 202611240930."""
MOST_SIZE = 2**31 - 1
"""Bytes of the largest bundle; flatbuffers address no more."""

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""n of P-256 (SEC 2, section 2.4.2)."""
_FORM = re.compile(
    rb'\{"schema":1,"key":"([0-9a-f]{16})","release":([1-9][0-9]{0,14}),"model_id":"([0-9a-f]{12})",'
    rb'"size":([1-9][0-9]{0,9}),"sha256":"([0-9a-f]{64})","signature":"([A-Za-z0-9+/=]{8,96})"\}\n'
)
_SCHEMA = re.compile(rb'\{"schema":([1-9][0-9]{0,8}),')
_ALGORITHM = ec.ECDSA(hashes.SHA256())
_AGAIN = "copy the signature file again, or sign the file again with seefud sign"


@dataclass(frozen=True)
class Claims:
    """What a signature says.

    Attributes:
        key: id of the key, 16 hex digits.
        release: the release number, 1 to `MOST_RELEASE`; a newer release has a larger one.
        model_id: of the file, 12 hex digits.
        size: bytes of the whole file.
        sha256: of the whole file, 64 hex digits.
    """

    key: str
    release: int
    model_id: str
    size: int
    sha256: str

    def message(self) -> bytes:
        """The bytes that are signed: six lines of ASCII, each ended by a line feed.

        The first line keeps these signatures apart from anything else that the key may ever sign.
        """
        lines = ("seefud-signature-1", self.key, self.release, self.model_id, self.size, self.sha256)
        return "".join(f"{line}\n" for line in lines).encode("ascii")


@dataclass(frozen=True)
class Signature:
    """A signature file: the claims, and the DER signature over their message."""

    claims: Claims
    der: bytes

    def to_bytes(self) -> bytes:
        """The file, the only one with this content."""
        claims = self.claims
        return (
            f'{{"schema":{SCHEMA},"key":"{claims.key}","release":{claims.release},"model_id":"{claims.model_id}",'
            f'"size":{claims.size},"sha256":"{claims.sha256}","signature":"{base64.b64encode(self.der).decode()}"}}\n'
        ).encode("ascii")

    @classmethod
    def parse(cls, content: bytes, where: str) -> Signature:
        """Reads a signature file; nothing about it is trusted yet.

        Args:
            content: of the file.
            where: named in errors.

        Raises:
            NewerSignatureSchemaError: it has a larger schema.
            SignatureFormError: it is not, byte for byte, in the one form.
        """
        if len(content) > MOST_SIGNATURE_BYTES:
            raise SignatureFormError(
                f"{where}: expected a signature file of at most {MOST_SIGNATURE_BYTES:,} bytes, "
                f"found {len(content):,}; {_AGAIN}"
            )
        found = _FORM.fullmatch(content)
        if found is None:
            schema = _SCHEMA.match(content)
            if schema and int(schema[1]) > SCHEMA:
                raise NewerSignatureSchemaError(
                    f"{where}: expected signature schema {SCHEMA}, found {int(schema[1])}; install a newer seefud"
                )
            raise SignatureFormError(
                f'{where}: expected one line {{"schema":1,"key":"...","release":...,"model_id":"...","size":...,'
                f'"sha256":"...","signature":"..."}}, found {_excerpt(content)}; {_AGAIN}'
            )
        key, release, model_id, size, digest, text = (part.decode("ascii") for part in found.groups())
        if int(size) > MOST_SIZE:
            raise SignatureFormError(
                f"{where}: expected a size of at most {MOST_SIZE:,}, found {int(size):,}; {_AGAIN}"
            )
        try:
            der = base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise SignatureFormError(
                f"{where}: signature: expected base64, found {text!r} ({error}); {_AGAIN}"
            ) from error
        signature = cls(Claims(key, int(release), model_id, int(size), digest), _checked_der(der, where))
        if signature.to_bytes() != content:
            raise SignatureFormError(
                f"{where}: signature: expected the one base64 spelling of its bytes, found another; {_AGAIN}"
            )
        return signature

    def check(self, keys: Mapping[str, ec.EllipticCurvePublicKey], where: str) -> Claims:
        """The claims, once a trusted key is known to have signed them.

        Args:
            keys: trusted public keys by their ids.
            where: the signature file, named in errors.

        Raises:
            UnknownKeyError: its key is not among them.
            WrongSignatureError: that key did not sign these claims.
        """
        claims = self.claims
        if claims.key not in keys:
            raise UnknownKeyError(
                f"{where}: expected a signature by a trusted key ({', '.join(sorted(keys)) or 'none is given'}), found "
                f"key {claims.key}; check which key the release was signed with"
            )
        try:
            keys[claims.key].verify(self.der, claims.message(), _ALGORITHM)
        except InvalidSignature as error:
            raise WrongSignatureError(
                f"{where}: expected key {claims.key} to have signed release {claims.release} of model "
                f"{claims.model_id}, found a signature that does not fit; it was altered or made with another key: do "
                "not use the file"
            ) from error
        return claims


def sign(content: bytes, model_id: str, release: int, private: ec.EllipticCurvePrivateKey) -> Signature:
    """Signs a file's bytes; the same arguments give the same signature (RFC 6979).

    Args:
        content: the whole file.
        model_id: what the file says about itself, 12 hex digits.
        release: its number.
        private: a P-256 key.

    Raises:
        InputError: the release number, the model id or the size is out of range.
    """
    if not 1 <= release <= MOST_RELEASE:
        raise InputError(f"--release {release}: expected a whole number from 1 to {MOST_RELEASE}; count releases up")
    if not re.fullmatch("[0-9a-f]{12}", model_id):
        raise InputError(f"model id {model_id!r}: expected 12 hexadecimal digits; build the file again")
    if not 1 <= len(content) <= MOST_SIZE:
        raise InputError(
            f"file to sign: expected 1 to {MOST_SIZE:,} bytes, found {len(content):,}; give a .tflite file"
        )
    digest = hashlib.sha256(content).hexdigest()
    claims = Claims(key_id(private.public_key()), release, model_id, len(content), digest)
    r, s = decode_dss_signature(private.sign(claims.message(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return Signature(claims, encode_dss_signature(r, min(s, _ORDER - s)))


def check_release(claims: Claims, where: str, newer_than: int) -> None:
    """Refuses a release that is not newer than the one that is there already (0 if there is none).

    Raises:
        RollbackError: its number is not larger.
    """
    if claims.release <= newer_than:
        raise RollbackError(
            f"{where}: expected a release above {newer_than}, found {claims.release}; an older release may hold faults "
            "that were corrected: sign the file with a larger number if it is meant to replace the newer one"
        )


def check_content(claims: Claims, content: bytes, where: str) -> None:
    """Checks a file's bytes, those that will be used afterwards, against claims that a trusted key has signed.

    Raises:
        WrongSizeError: another number of bytes.
        WrongDigestError: other bytes.
    """
    check_size(claims, len(content), where)
    digest = hashlib.sha256(content).hexdigest()
    if digest != claims.sha256:
        raise WrongDigestError(
            f"{where}: expected SHA-256 {claims.sha256[:12]}..., as signed, found {digest[:12]}...: the bytes were "
            "changed; copy the file again"
        )


def check_size(claims: Claims, size: int, where: str) -> None:
    """Refuses a file of another size, before anything of it is read.

    Raises:
        WrongSizeError: it has another number of bytes.
    """
    if size != claims.size:
        raise WrongSizeError(f"{where}: expected {claims.size:,} bytes, as signed, found {size:,}; copy the file again")


def check_model_id(claims: Claims, model_id: str, where: str) -> None:
    """Refuses a file that calls itself another model than the signature does.

    Raises:
        WrongModelError: the ids differ.
    """
    if model_id != claims.model_id:
        raise WrongModelError(
            f"{where}: expected model {claims.model_id}, as signed, found {model_id}; sign the file again"
        )


def _checked_der(der: bytes, where: str) -> bytes:
    """The bytes, if they are the DER of (r, s) with r from 1 to n - 1 and s from 1 to n / 2."""
    try:
        r, s = decode_dss_signature(der)
        canonical = encode_dss_signature(r, s) == der
    except ValueError as error:
        raise SignatureFormError(
            f"{where}: signature: expected DER, found {der.hex()[:16]}... ({error}); {_AGAIN}"
        ) from error
    if not canonical or not 1 <= r < _ORDER or not 1 <= s <= _ORDER // 2:
        raise SignatureFormError(
            f"{where}: signature: expected two numbers r from 1 to n - 1 and s from 1 to n / 2 in DER, found others; "
            f"{_AGAIN}"
        )
    return der


def _excerpt(content: bytes) -> str:
    shown = content[:40].decode("ascii", "replace")
    return f"{len(content):,} bytes that begin {shown!r}" if content else "an empty file"
