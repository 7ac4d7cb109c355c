"""`seefud keygen`, `sign` and `verify --key`: keys on disk, signed files, and every refusal."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from python.conftest import Built, Fails, Run
from seefud.delivery import sign_file, verify_signed_file
from seefud.errors import InputError
from seefud.signature import Signature
from seefud.signature_errors import SignatureFormError, WrongModelError
from seefud.signing_keys import PASSPHRASE, git_work_tree, key_id, make_keys, read_private_key, read_public_keys


@pytest.fixture(autouse=True)
def _no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSPHRASE, raising=False)


@pytest.fixture
def model(built: Built, tmp_path: Path) -> Path:
    return Path(shutil.copy(built.model, tmp_path / "seefud.tflite"))


# ---- keys


def test_keygen_writes_keys_that_belong_together(run: Run, tmp_path: Path) -> None:
    code, out, error = run("keygen", tmp_path / "keys", "--name", "release", "--json")
    assert code == 0
    assert error == ""
    found = json.loads(out)
    private = tmp_path / "keys" / "release.private.pem"
    assert (found["private"], found["encrypted"]) == (str(private), False)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    keys = read_public_keys([tmp_path / "keys" / "release.public.pem"])
    assert list(keys) == [found["key"]] == [key_id(read_private_key(private).public_key())]
    assert private.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----\n")


def test_a_key_is_never_overwritten(run: Run, fails: Fails, tmp_path: Path) -> None:
    assert run("keygen", tmp_path)[0] == 0
    before = (tmp_path / "seefud.private.pem").read_bytes()
    assert "seefud.private.pem: expected no such file, found one; a key is never overwritten" in fails(
        "keygen", tmp_path
    )
    assert (tmp_path / "seefud.private.pem").read_bytes() == before


def test_no_key_is_made_in_a_work_tree(fails: Fails, tmp_path: Path) -> None:
    (tmp_path / "project" / ".git").mkdir(parents=True)
    (tmp_path / "elsewhere").symlink_to(tmp_path / "project")
    for folder in (tmp_path / "project", tmp_path / "project" / "deep" / "new", tmp_path / "elsewhere"):
        message = fails("keygen", folder)
        assert f"expected a folder outside of any git work tree, found one inside of {tmp_path / 'project'}" in message
    assert [path.name for path in (tmp_path / "project").iterdir()] == [".git"]
    (tmp_path / "worktree").mkdir()
    (tmp_path / "worktree" / ".git").write_text("gitdir: elsewhere\n")
    assert git_work_tree(tmp_path / "worktree" / "x") == tmp_path / "worktree"


def test_the_key_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = make_keys(tmp_path, "seefud")
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.private.stat().st_mode) == 0o600


def test_nothing_is_left_when_the_public_key_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def full(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith(".public.pem"):
            raise OSError(28, "No space left on device", str(path))
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(InputError, match=r"seefud\.public\.pem: cannot be written \(No space left on device\)"):
        make_keys(tmp_path, "seefud")
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_encrypts_the_key(run: Run, fails: Fails, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = model.parent / "keys"
    monkeypatch.setenv(PASSPHRASE, "rahasia negara")
    code, out, error = run("keygen", keys)
    assert (code, error) == (0, "")
    assert "(encrypted)" in out
    assert (keys / "seefud.private.pem").read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    sign = ("sign", model, "--key", keys / "seefud.private.pem", "--release", 1)
    assert run(*sign)[0] == 0
    monkeypatch.setenv(PASSPHRASE, "salah besar")
    message = fails(*sign)
    assert "expected a private key in PEM, or the passphrase is wrong; check the file" in message
    assert "salah" not in message
    monkeypatch.delenv(PASSPHRASE)
    assert "the key needs a passphrase; set SEEFUD_KEY_PASSPHRASE" in fails(*sign)
    monkeypatch.setenv(PASSPHRASE, "")
    assert "SEEFUD_KEY_PASSPHRASE: expected a passphrase, found an empty one" in fails(*sign)
    make_keys(keys, "plain")
    monkeypatch.setenv(PASSPHRASE, "rahasia negara")
    assert "the key needs none; unset" in fails("sign", model, "--key", keys / "plain.private.pem", "--release", 2)


def test_keys_that_cannot_be_used(tmp_path: Path) -> None:
    made = make_keys(tmp_path, "seefud")

    def private(content: bytes, mode: int = 0o600) -> str:
        path = tmp_path / "x.pem"
        path.write_bytes(content)
        path.chmod(mode)
        with pytest.raises(InputError) as caught:
            read_private_key(path)
        return str(caught.value)

    def public(content: bytes) -> str:
        (tmp_path / "y.pem").write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_public_keys([tmp_path / "y.pem"])
        return str(caught.value)

    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    other = ec.generate_private_key(ec.SECP384R1())
    readable = private(made.private.read_bytes(), 0o640)
    assert "only its owner can read (mode 0600), found mode 0640; chmod 600 it" in readable
    assert "found one of secp384r1" in private(other.private_bytes(pem, pkcs8, plain))
    rsa_key = rsa.generate_private_key(65537, 2048).private_bytes(pem, pkcs8, plain)
    assert "expected a P-256 key, found RSAPrivateKey" in private(rsa_key)
    assert "expected a private key in PEM, as seefud keygen writes it" in private(b"nonsense")
    assert "expected a private key in PEM" in private(made.public.read_bytes())
    assert "found more; give a PEM file" in private(b"x" * 70_000)
    assert "expected public keys in PEM, found none" in public(b"nonsense")
    assert "expected public keys, found a private one" in public(made.private.read_bytes())
    half = made.public.read_bytes().replace(b"MFkw", b"MFkx")
    assert "found a broken PUBLIC KEY" in public(half)
    with pytest.raises(InputError, match=r"none\.pem: cannot be read \(No such file or directory\)"):
        read_public_keys([tmp_path / "none.pem"])
    with pytest.raises(InputError, match=r"--name 'a/b': expected letters, digits, dots and dashes"):
        make_keys(tmp_path, "a/b")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        make_keys(tmp_path / "file", "seefud")


# ---- sign and verify


def test_a_signed_file_is_verified(run: Run, model: Path) -> None:
    keys = make_keys(model.parent / "keys", "seefud")
    code, out, error = run("sign", model, "--key", keys.private, "--release", 7, "--json")
    assert (code, error) == (0, "")
    signed = json.loads(out)
    assert (signed["release"], signed["size"], signed["key"]) == (7, model.stat().st_size, keys.id)
    code, out, _ = run("verify", model, "--key", keys.public, "--newer-than", 6)
    assert code == 0
    assert out.startswith(f"signature: release 7 of model {signed['model_id']}, by key {keys.id}\n")
    found = json.loads(run("verify", model, "--key", keys.public, "--json")[1])
    assert found["passed"]
    assert found["signature"] == {name: signed[name] for name in ("key", "release", "model_id", "size", "sha256")}


def test_a_refused_file_is_exit_code_1(run: Run, model: Path) -> None:
    keys = make_keys(model.parent / "keys", "seefud")
    other = make_keys(model.parent / "keys", "other")
    sign_file(model, 7, read_private_key(keys.private))

    def refusal(*options: object) -> str:
        code, out, error = run("verify", model, *options)
        assert (code, out) == (1, "")
        return error

    assert f"({other.id}), found key {keys.id}" in refusal("--key", other.public)
    assert "expected a release above 7, found 7" in refusal("--key", keys.public, "--newer-than", 7)
    assert run("verify", model, "--key", other.public, "--key", keys.public)[0] == 0
    content = model.read_bytes()
    model.write_bytes(content[:-1] + b"\1")
    assert "the bytes were changed" in refusal("--key", keys.public)
    model.write_bytes(content + b"\1")
    assert f"expected {len(content):,} bytes, as signed, found {len(content) + 1:,}" in refusal("--key", keys.public)
    moved = model.with_name("moved.sig")
    model.with_name("seefud.tflite.sig").rename(moved)
    model.write_bytes(content)
    assert run("verify", model, "--key", keys.public, "--signature", moved)[0] == 0


def test_mistakes_are_exit_code_2(fails: Fails, model: Path) -> None:
    keys = make_keys(model.parent / "keys", "seefud")
    assert "seefud.tflite.sig: cannot be read (No such file or directory)" in fails(
        "verify", model, "--key", keys.public
    )
    assert "--signature and --newer-than need --key" in fails("verify", model, "--newer-than", 3)
    assert "--signature and --newer-than need --key" in fails("verify", model, "--signature", "x")
    sign = ("sign", model.with_name("none"), "--key", keys.private, "--release", 1)
    assert "none: cannot be read (No such file or directory)" in fails(*sign)
    model.write_bytes(b"no model at all")
    assert "expected the identifier" in fails("sign", model, "--key", keys.private, "--release", 1)
    assert not model.with_name("seefud.tflite.sig").exists()


def test_release_numbers_rise(model: Path) -> None:
    keys = make_keys(model.parent / "keys", "seefud")
    private = read_private_key(keys.private)
    place, _ = sign_file(model, 7, private)
    first = place.read_bytes()
    assert sign_file(model, 7, private)[0].read_bytes() == first, "the same again, for a build that is repeated"
    other = read_private_key(make_keys(model.parent / "keys", "next").private)
    assert sign_file(model, 7, other)[1].release == 7, "the same release by the next key"
    with pytest.raises(InputError, match=r"--release 6: expected a number above 7, which .* has for this file"):
        sign_file(model, 6, private)
    assert sign_file(model, 8, private)[1].release == 8
    place.write_bytes(Signature.parse(place.read_bytes(), "x").to_bytes().replace(b'"sha256":"', b'"sha256":"')[:-5])
    with pytest.raises(SignatureFormError, match="expected one line"):
        sign_file(model, 9, private)


def test_another_file_needs_a_larger_number(built: Built, model: Path) -> None:
    keys = make_keys(model.parent / "keys", "seefud")
    private = read_private_key(keys.private)
    out = model.with_name("release.sig")
    sign_file(model, 7, private, out)
    claims = Signature.parse(out.read_bytes(), "x").claims
    from dataclasses import replace

    older = replace(claims, sha256="0" * 64)
    out.write_bytes(Signature(older, Signature.parse(out.read_bytes(), "x").der).to_bytes())
    with pytest.raises(InputError, match=r"expected a number above 7, which release\.sig has for another file"):
        sign_file(model, 7, private, out)
    assert list(out.parent.glob("*.partial")) == []


def test_a_signature_for_another_model_id(model: Path) -> None:
    """Only the owner of the key can make one; a phone refuses it all the same."""
    from seefud.signature import sign

    keys = make_keys(model.parent / "keys", "seefud")
    signature = sign(model.read_bytes(), "0123456789ab", 7, read_private_key(keys.private))
    model.with_name("seefud.tflite.sig").write_bytes(signature.to_bytes())
    with pytest.raises(WrongModelError, match="expected model 0123456789ab, as signed, found"):
        verify_signed_file(model, read_public_keys([keys.public]))


def test_a_private_key_in_a_work_tree_is_warned_about(run: Run, model: Path) -> None:
    keys = make_keys(model.parent / "keys", "seefud")
    (model.parent / "keys" / ".git").mkdir()
    code, _, error = run("sign", model, "--key", keys.private, "--release", 1)
    assert code == 0
    assert f"lies in the git work tree {model.parent / 'keys'}; keep private keys out of it" in error


def test_keygen_and_sign_import_neither_tensorflow_nor_pandas(model: Path) -> None:
    keys = model.parent / "keys"
    lines = [
        ["keygen", str(keys)],
        ["sign", str(model), "--key", str(keys / "seefud.private.pem"), "--release", "1"],
    ]
    program = (
        "import json, sys\n"
        "from seefud.cli import main\n"
        "for line in json.loads(sys.argv[1]):\n"
        "    try:\n"
        "        main(line)\n"
        "    except SystemExit as end:\n"
        "        assert end.code == 0, line\n"
        "assert not {'tensorflow', 'keras', 'pandas'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(lines)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
