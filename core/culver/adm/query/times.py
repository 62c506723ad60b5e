"""Dates and sizes as people write them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from culver.adm.errors import AdmError

_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_IMAP: Final = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})", re.ASCII)
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_NUMBER: Final = re.compile(r"(\d{1,18}) *([A-Za-z]*)", re.ASCII)
_UNITS: Final = (("secs", 1), ("seconds", 1), ("mins", 60), ("minutes", 60), ("hours", 3600),
                 ("days", 86400), ("weeks", 604800))  # fmt: skip
_SIZES: Final = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def parse_moment(text: str, now: int) -> date | int:
    """A whole day (``2026-11-02``, ``2-Nov-2026``), or a moment in seconds since 1970: a unix
    timestamp, or an interval before ``now`` (``2 days``, ``1w``: any prefix of a unit).

    Raises AdmError for everything else.
    """
    day = _day(text)
    if day is not None:
        return day
    found = _NUMBER.fullmatch(text)
    if found is not None and not found[2] and text.isdigit():
        return int(text)
    seconds = None if found is None else interval(found[1], found[2])
    if seconds is None:
        raise AdmError(f"Invalid search date parameter: {text}")
    return now - seconds


def _day(text: str) -> date | None:
    try:
        if found := _ISO.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if (found := _IMAP.fullmatch(text)) and found[2].lower() in _MONTHS:
            return date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
    except ValueError:
        raise AdmError(f"Invalid search date parameter: {text}") from None
    return None


def interval(number: str, unit: str) -> int | None:
    """Seconds of a number and a prefix of a unit; None when there is no such unit."""
    for name, seconds in _UNITS:
        if unit and name.startswith(unit.lower()):
            return int(number) * seconds
    return 0 if not unit and int(number) == 0 else None


def parse_size(text: str) -> int:
    """Bytes of ``50k``, ``1M``, ``3 GiB``.  Raises AdmError."""
    found = _NUMBER.fullmatch(text)
    unit = "?" if found is None else found[2].lower()
    if len(unit) > 1 and unit[0] in "kmgt" and unit[1:] in ("i", "b", "ib"):
        unit = unit[0]
    if found is None or unit not in _SIZES:
        raise AdmError(f"Invalid size: {text} (allowed: a number, then B, K, M, G or T)")
    return int(found[1]) * _SIZES[unit]
