"""Signature files: the golden vectors, another implementation's view of them, and damage."""

from __future__ import annotations

import base64
import importlib.util
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from seefud import signature_errors
from seefud.errors import InputError
from seefud.signature import (
    MOST_RELEASE,
    MOST_SIGNATURE_BYTES,
    MOST_SIZE,
    Claims,
    Signature,
    check_content,
    check_model_id,
    check_release,
    sign,
)
from seefud.signature_errors import SignatureError, WrongModelError
from seefud.signing_keys import key_id, read_public_keys

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "signature"
VECTORS: dict[str, Any] = json.loads((GOLDEN / "vectors.json").read_text(encoding="utf-8"))
TRUSTED = read_public_keys([GOLDEN / VECTORS["trusted"]])
CONTENT = b"a model" * 9
MODEL = "0123456789ab"


def mutations() -> Callable[..., Iterator[tuple[str, bytes]]]:
    path = ROOT / "benchmarks" / "mutations.py"
    spec = importlib.util.spec_from_file_location("mutations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.mutations  # type: ignore[no-any-return]


def accept(case: dict[str, Any]) -> Claims:
    content = (GOLDEN / case["file"]).read_bytes()
    claims = Signature.parse(base64.b64decode(case["signature"]), "x.sig").check(TRUSTED, "x.sig")
    check_release(claims, "x.sig", case["newer_than"])
    check_content(claims, content, "x")
    return claims


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_golden_vectors(case: dict[str, Any]) -> None:
    if case["error"] is None:
        assert accept(case).size == 1024
        return
    with pytest.raises(SignatureError) as caught:
        accept(case)
    assert type(caught.value).__name__ == case["error"]
    assert case["says"] in str(caught.value)
    assert caught.value.exit_code == 1


def test_the_vectors_meet_every_error() -> None:
    named = {case["error"] for case in VECTORS["cases"]} - {None}
    assert named == set(signature_errors.__all__) - {"SignatureError", "WrongModelError"}


def test_keys_and_message_of_the_vectors() -> None:
    assert list(TRUSTED) == list(VECTORS["keys"].values())
    good = Signature.parse((GOLDEN / "content.bin.sig").read_bytes(), "x")
    assert good.claims.message().decode() == VECTORS["message_of_good"]
    assert VECTORS["message_of_good"].split("\n") == [
        "seefud-signature-1",
        VECTORS["keys"]["test-key"],
        "7",
        "0123456789ab",
        "1024",
        good.claims.sha256,
        "",
    ]
    with pytest.raises(InputError, match="expected a P-256 key, found one of secp256k1"):
        read_public_keys([GOLDEN / VECTORS["refused_keys"][0]])


def test_there_is_no_private_key_in_the_project() -> None:
    for path in GOLDEN.iterdir():
        if path.suffix != ".py":
            assert b"PRIVATE KEY" not in path.read_bytes(), path


def test_the_algorithm_is_plain_ecdsa_and_the_file_is_json() -> None:
    """A reader of JSON and a call of ECDSA are all that it takes to see that a signature is right."""
    key = ec.generate_private_key(ec.SECP256R1())
    document = json.loads(sign(CONTENT, MODEL, 3, key).to_bytes())
    assert list(document) == ["schema", "key", "release", "model_id", "size", "sha256", "signature"]
    text = "seefud-signature-1\n" + "".join(f"{document[name]}\n" for name in list(document)[1:-1])
    key.public_key().verify(base64.b64decode(document["signature"]), text.encode(), ec.ECDSA(hashes.SHA256()))


@given(release=st.integers(1, MOST_RELEASE), content=st.binary(min_size=1, max_size=50))
def test_what_is_signed_is_read_back(release: int, content: bytes) -> None:
    key = ec.derive_private_key(12345, ec.SECP256R1())
    signature = sign(content, MODEL, release, key)
    assert signature == sign(content, MODEL, release, key)
    again = Signature.parse(signature.to_bytes(), "x")
    assert again == signature
    claims = again.check({key_id(key.public_key()): key.public_key()}, "x")
    assert (claims.release, claims.model_id, claims.size) == (release, MODEL, len(content))
    check_content(claims, content, "x")


def test_the_largest_signature_is_far_below_the_limit() -> None:
    claims = Claims("f" * 16, MOST_RELEASE, "f" * 12, MOST_SIZE, "f" * 64)
    assert len(Signature(claims, b"\x30" * 72).to_bytes()) * 2 < MOST_SIGNATURE_BYTES


@pytest.mark.parametrize(
    ("release", "model", "content", "says"),
    [
        (0, MODEL, CONTENT, "--release 0: expected a whole number from 1 to 999999999999999"),
        (MOST_RELEASE + 1, MODEL, CONTENT, "expected a whole number from 1"),
        (1, "0123456789AB", CONTENT, "model id '0123456789AB': expected 12 hexadecimal digits"),
        (1, MODEL, b"", "file to sign: expected 1 to 2,147,483,647 bytes, found 0"),
    ],
)
def test_what_cannot_be_signed(release: int, model: str, content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        sign(content, model, release, ec.generate_private_key(ec.SECP256R1()))


def test_another_model_id() -> None:
    claims = Claims("0" * 16, 1, MODEL, 1, "0" * 64)
    check_model_id(claims, MODEL, "x")
    with pytest.raises(WrongModelError, match=r"x: expected model 0123456789ab, as signed, found ba9876543210"):
        check_model_id(claims, "ba9876543210", "x")


def test_no_damaged_signature_is_accepted() -> None:
    """A thousand; `benchmarks/signature_mutations.py` tries ten thousand, and as many files."""
    good = (GOLDEN / "content.bin.sig").read_bytes()
    found: Counter[str] = Counter()
    for _, damaged in mutations()(good, 1000, seed=3):
        with pytest.raises(SignatureError) as caught:
            Signature.parse(damaged, "x").check(TRUSTED, "x")
        found[type(caught.value).__name__] += 1
    assert set(found) >= {"SignatureFormError", "UnknownKeyError", "WrongSignatureError"}
