"""Timestamps of log lines and exports. All take microseconds since the epoch."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from time import localtime, strftime

Stamp = Callable[[int], str]


def strftime_stamp(format: str) -> Stamp:
    """`log_timestamp`: a strftime format in local time, whole seconds, computed once a second."""
    last_second = -1
    last_text = ""

    def stamp(usecs: int) -> str:
        nonlocal last_second, last_text
        second = usecs // 1_000_000
        if second != last_second:
            last_text = strftime(format, localtime(second))
            last_second = second
        return last_text

    return stamp


def rfc3339(usecs: int) -> str:
    """`2026-01-31T12:00:00.000001Z` (RFC 3339, UTC)."""
    seconds, rest = divmod(usecs, 1_000_000)
    return f"{_utc(seconds)}.{rest:06d}Z"


@lru_cache(maxsize=16)
def _utc(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
