"""How numbers and bytes are printed."""

from __future__ import annotations

import time


def stamp(seconds: int) -> str:
    """``2026-11-02 10:00:00`` where the administrator is."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def number(value: int) -> str:
    """A time as number and date."""
    return f"{value} ({stamp(value)})"


def data(raw: bytes) -> str:
    """Hex, with the number that four bytes are."""
    return raw.hex() + (f" (dec={int.from_bytes(raw, 'little')})" if len(raw) == 4 else "")
