"""Every damage has one named error, and no damage at all passes."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from converter.damaged import DAMAGES
from converter.made_conversion import PRODUCTS, bundle_bytes
from converter.tampering import rebuilt
from seefud_converter import errors
from seefud_converter.bundle import parse_bundle, read_bundle

FEW = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_has_its_error(name: str, tmp_path: Path) -> None:
    damage = DAMAGES[name]
    path = tmp_path / "model.tflite"
    path.write_bytes(damage.content())
    with pytest.raises(errors.BundleError) as caught:
        read_bundle(path)
    assert type(caught.value) is damage.error, str(caught.value)
    assert damage.says in str(caught.value)
    assert str(caught.value).startswith(("model.tflite", "table of"))
    assert caught.value.remedy
    assert caught.value.exit_code == 2


def test_the_generator_itself_does_no_damage() -> None:
    bundle = parse_bundle(rebuilt(bundle_bytes()), Path("model.tflite"))
    assert len(bundle.products) == PRODUCTS


def test_no_file_and_a_directory(tmp_path: Path) -> None:
    with pytest.raises(errors.MissingFileError, match="found no such file; check the path"):
        read_bundle(tmp_path / "none.tflite")
    with pytest.raises(errors.MissingFileError, match="found a directory"):
        read_bundle(tmp_path)


@FEW
@given(data=st.data())
def test_any_flipped_bit_is_noticed(data: st.DataObject) -> None:
    content = bytearray(bundle_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    # The first four bytes are the root's offset, which the flatbuffer's digest covers like all others.
    with pytest.raises(errors.BundleError):
        parse_bundle(bytes(content), Path("model.tflite"))


@FEW
@given(data=st.data())
def test_any_cut_is_noticed(data: st.DataObject) -> None:
    content = bundle_bytes()
    length = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises((errors.TruncatedError, errors.NotAModelError)):
        parse_bundle(content[:length], Path("model.tflite"))


@FEW
@given(data=st.data())
def test_overwritten_models_with_fitting_digests_raise_only_named_errors(data: st.DataObject) -> None:
    """Digests keep accidents out; a file made on purpose meets the flatbuffer reader, which must not
    crash."""
    places = data.draw(st.lists(st.tuples(st.integers(8, 12_000), st.binary(min_size=1, max_size=4)), max_size=3))

    def overwrite(model: bytes) -> bytes:
        changed = bytearray(model)
        for place, new in places:
            changed[place : place + len(new)] = new
        return bytes(changed[: len(model)])

    content = rebuilt(bundle_bytes(), change_model=overwrite)
    # Anything but a BundleError fails the test: an IndexError, an endless loop, a crash.
    with contextlib.suppress(errors.BundleError):
        parse_bundle(content, Path("model.tflite"))
