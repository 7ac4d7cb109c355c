"""Writes the signature vectors: good and bad signature files, public keys, and what a verifier must say.

``python tests/golden/signature/write.py`` after the format has changed on purpose. The private keys are TEST KEYS: made
in memory by each run, used for these files alone and thrown away with the process. Nothing here may ever be trusted by
an app. A run therefore writes other keys and signatures than the last one.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from seefud.signature import MOST_RELEASE, Signature, sign
from seefud.signing_keys import key_id

FOLDER = Path(__file__).resolve().parent
CONTENT = b"".join(hashlib.sha256(b"seefud signature vectors %d" % number).digest() for number in range(32))
MODEL_ID = "0123456789ab"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
FORM, WRONG, LINE = "SignatureFormError", "WrongSignatureError", "expected one line"


@dataclass(frozen=True)
class Case:
    """A signature file, what it belongs to, and the answer: an error and a part of its text, or neither."""

    name: str
    signature: bytes
    error: str | None = None
    says: str | None = None
    file: str = "content.bin"
    newer_than: int = 0


def public(key: ec.EllipticCurvePublicKey, encoding: serialization.Encoding) -> bytes:
    """A key as SubjectPublicKeyInfo."""
    return key.public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)


def with_der(signature: Signature, der: bytes) -> bytes:
    """The file with other signature bytes, whatever they are."""
    before, _, _ = signature.to_bytes().partition(b'"signature":"')
    return before + b'"signature":"' + base64.b64encode(der) + b'"}\n'


def signed_by(key: ec.EllipticCurvePrivateKey, claims: Signature) -> bytes:
    """Somebody else's signature of the same claims."""
    r, s = decode_dss_signature(key.sign(claims.claims.message(), ec.ECDSA(hashes.SHA256())))
    return with_der(claims, encode_dss_signature(r, min(s, ORDER - s)))


def respelt(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A good file whose last letter before the padding carries a bit that base64 ignores."""
    files = (sign(CONTENT, MODEL_ID, release, key).to_bytes() for release in range(9, 99))
    file = next(each for each in files if each.endswith(b'="}\n'))
    place = len(file.rstrip(b'="}\n')) - 1
    other = LETTERS[LETTERS.index(file[place]) ^ 1]
    return file[:place] + bytes([other]) + file[place + 1 :]


def refusals_by_content(good: Signature, second: ec.EllipticCurvePrivateKey) -> list[Case]:
    """Well-formed files that no trusted key has signed, and files that are not the signed one."""
    text, digest, key = good.to_bytes(), good.claims.sha256.encode(), good.claims.key.encode()
    stranger, other_curve = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256K1())
    (FOLDER / "other-curve.public.pem").write_bytes(public(other_curve.public_key(), serialization.Encoding.PEM))
    fit = "does not fit"
    return [
        Case("the same release again", text, "RollbackError", "above 7, found 7", newer_than=7),
        Case("an older release", text, "RollbackError", "above 12, found 7", newer_than=12),
        Case(
            "a key that is not trusted", sign(CONTENT, MODEL_ID, 7, stranger).to_bytes(), "UnknownKeyError", "found key"
        ),
        Case("another key under this key's id", signed_by(stranger, good), WRONG, fit),
        Case("a key of another curve under this key's id", signed_by(other_curve, good), WRONG, fit),
        Case("altered key id", text.replace(key, key_id(second.public_key()).encode()), WRONG, fit),
        Case("altered release", text.replace(b'"release":7', b'"release":8'), WRONG, "release 8"),
        Case("altered model id", text.replace(MODEL_ID.encode(), b"0123456789ac"), WRONG, "0123456789ac"),
        Case("altered size", text.replace(b'"size":1024', b'"size":1025'), WRONG, fit),
        Case("altered digest", text.replace(digest, digest[::-1]), WRONG, fit),
        Case("altered file", text, "WrongDigestError", "the bytes were changed", "altered.bin"),
        Case("truncated file", text, "WrongSizeError", "1,024 bytes, as signed, found 1,000", "truncated.bin"),
        Case("a longer file", text, "WrongSizeError", "found 1,025", "longer.bin"),
    ]


def refusals_by_form(good: Signature, key: ec.EllipticCurvePrivateKey) -> list[Case]:
    """Other spellings, and what is no signature file at all."""
    text, digest = good.to_bytes(), good.claims.sha256.encode()
    r, s = decode_dss_signature(good.der)
    numbers, spelling = "two numbers", "signature: expected"
    return [
        Case("empty signature", b"", FORM, "an empty file"),
        Case("truncated signature", text[:-20], FORM, LINE),
        Case("without its line end", text[:-1], FORM, LINE),
        Case("one more line end", text + b"\n", FORM, LINE),
        Case("a carriage return", text[:-1] + b"\r\n", FORM, LINE),
        Case("oversized signature", text + b" " * 1024, FORM, "at most 1,024 bytes"),
        Case("white space in the JSON", text.replace(b'"release":7', b'"release": 7'), FORM, LINE),
        Case("keys in another order", json.dumps(dict(sorted(json.loads(text).items()))).encode(), FORM, LINE),
        Case("one more key", text.replace(b'"}\n', b'","more":1}\n'), FORM, LINE),
        Case("release 0", text.replace(b'"release":7', b'"release":0'), FORM, LINE),
        Case("a release with a leading zero", text.replace(b'"release":7', b'"release":07'), FORM, LINE),
        Case("a release of 16 digits", text.replace(b'"release":7', b'"release":1000000000000000'), FORM, LINE),
        Case("upper case digits", text.replace(digest, digest.upper()), FORM, LINE),
        Case("byte order mark", b"\xef\xbb\xbf" + text, FORM, LINE),
        Case("too large a size", text.replace(b'"size":1024', b'"size":2147483648'), FORM, "at most 2,147,483,647"),
        Case("newer schema", text.replace(b'"schema":1', b'"schema":2'), "NewerSignatureSchemaError", "found 2"),
        Case("no DER", with_der(good, b"\0" * 70), FORM, "expected DER"),
        Case("s in the upper half", with_der(good, encode_dss_signature(r, ORDER - s)), FORM, numbers),
        Case("r and s are 0", with_der(good, encode_dss_signature(0, 0)), FORM, numbers),
        Case("r is n", with_der(good, encode_dss_signature(ORDER, s)), FORM, numbers),
        Case("DER with a long length", with_der(good, good.der[:1] + b"\x81" + good.der[1:]), FORM, spelling),
        Case("bytes after the DER", with_der(good, good.der + b"\0"), FORM, spelling),
        Case("another base64 of the same bytes", respelt(key), FORM, "base64"),
    ]


def main() -> None:
    """Writes everything beside this script."""
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("test-key", "test-key-2")}
    first, second = keys.values()
    trusted = b""
    for name, each in keys.items():
        pem = public(each.public_key(), serialization.Encoding.PEM)
        (FOLDER / f"{name}.public.pem").write_bytes(pem)
        (FOLDER / f"{name}.public.der").write_bytes(public(each.public_key(), serialization.Encoding.DER))
        trusted += pem
    (FOLDER / "test-keys.public.pem").write_bytes(trusted)
    good = sign(CONTENT, MODEL_ID, 7, first)
    files = {
        "content.bin": CONTENT,
        "altered.bin": CONTENT[:500] + bytes([CONTENT[500] ^ 1]) + CONTENT[501:],
        "truncated.bin": CONTENT[:1000],
        "longer.bin": CONTENT + b"\0",
        "content.bin.sig": good.to_bytes(),
    }
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    cases = [
        Case("good", good.to_bytes()),
        Case("good, second key", sign(CONTENT, MODEL_ID, 8, second).to_bytes()),
        Case("good, the largest release", sign(CONTENT, MODEL_ID, MOST_RELEASE, first).to_bytes()),
        Case("good, newer than the one before", good.to_bytes(), newer_than=6),
        *refusals_by_content(good, second),
        *refusals_by_form(good, first),
    ]
    document = {
        "note": "TEST KEYS, thrown away after writing; never trust them",
        "trusted": "test-keys.public.pem",
        "keys": {name: key_id(each.public_key()) for name, each in keys.items()},
        "refused_keys": ["other-curve.public.pem"],
        "message_of_good": good.claims.message().decode("ascii"),
        "cases": [vars(case) | {"signature": base64.b64encode(case.signature).decode()} for case in cases],
    }
    (FOLDER / "vectors.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
