"""Timestamps as text to seconds since 1970."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["seconds_since_1970"]

_EARLIEST = -62_135_596_800.0  # 0001-01-01
_LATEST = 253_402_300_800.0  # 10000-01-01
_MILLISECONDS = 1e11  # as seconds this is the year 5138; as milliseconds 1973


def seconds_since_1970(texts: pd.Series[str]) -> tuple[NDArray[np.float64], NDArray[np.bool_], str]:
    """Read timestamps.

    A number is seconds since 1970-01-01 UTC, with or without a fraction; anything else must be ISO 8601,
    in UTC if it names no zone. Milliseconds are refused, not guessed at.

    Args:
        texts: stripped; blank where unknown.

    Returns:
        seconds float64 [n] (NaN where blank or bad), which are bad bool [n], and how a good one would look.
    """
    seconds = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    number = np.isfinite(seconds)
    bad = number & ((np.abs(seconds) >= _MILLISECONDS) | (seconds < _EARLIEST) | (seconds >= _LATEST))
    milliseconds = bool(bad.any())
    rest = ~number & (texts != "").to_numpy(dtype=bool)
    seconds[~number] = np.nan
    if rest.any():
        codes, distinct = pd.factorize(texts[rest])
        parsed = pd.to_datetime(pd.Series(distinct), format="ISO8601", utc=True, errors="coerce")
        known = parsed.notna().to_numpy()
        instants = np.full(len(distinct), np.nan)
        # whole microseconds are exact in float64 for the next two centuries
        instants[known] = parsed[known].dt.as_unit("us").astype("int64").to_numpy() / 1e6
        seconds[rest] = instants[codes]
        bad[rest] = ~known[codes]
    seconds[bad] = np.nan
    remedy = "expected ISO 8601 or seconds since 1970" + ("; milliseconds? divide by 1000" if milliseconds else "")
    return seconds, bad, remedy
