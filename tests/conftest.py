"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the project; skips where it is not there."""
    if not _SHARED_DATA.is_dir():
        pytest.skip("the real data sets are not here: expected a folder ../shared/data beside the project")
    return _SHARED_DATA
