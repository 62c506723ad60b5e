"""Session identifiers: short, unique for years, safe in a log line (inventory R1-064)."""

from __future__ import annotations

import base64
import os
import time

EPOCH_US = 1_700_000_000_000_000
_last = 0


def new_session_id() -> str:
    """12 characters of base64: 48 bits of time in microseconds since late 2023 (8.9 years before
    they repeat), then 24 random bits, so that processes don't meet."""
    global _last
    _last = max(_last + 1, time.time_ns() // 1000 - EPOCH_US)
    raw = (_last & 0xFFFFFFFFFFFF).to_bytes(6, "little") + os.urandom(3)
    return base64.b64encode(raw).decode("ascii")
