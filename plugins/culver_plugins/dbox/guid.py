"""GUIDs as dbox writes them, and their 128 bits."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import socket
import time
from typing import Final

_HEX: Final = re.compile(r"[0-9a-fA-F]{32}")
_counter = itertools.count(1)


def new_guid() -> str:
    """128 bits in hex, unlike any other: time, counter, process and chance."""
    now = time.time_ns()
    low = (next(_counter) + os.getpid() * 0x10000) & 0xFFFFFFFF
    return f"{now & 0xFFFFFFFFFFFFFFFF:016x}{low:08x}" + os.urandom(4).hex()


def guid_bits(guid: str) -> bytes:
    """The 16 bytes that an index has of a GUID: itself, or of another form the start of its
    SHA-1, as Dovecot has it (mail_generate_guid_128_hash)."""
    if _HEX.fullmatch(guid):
        return bytes.fromhex(guid)
    # Dovecot's rule, not a signature.
    return hashlib.sha1(guid.encode("utf-8", "surrogateescape"), usedforsecurity=False).digest()[
        :16
    ]


def temporary_name() -> str:
    """``.temp.<time>.P<pid>Q<n>M<microseconds>.<host>``: what Dovecot cleans up after 36 hours."""
    now = time.time_ns() // 1000
    host = socket.gethostname()
    return f".temp.{now // 10**6}.P{os.getpid()}Q{next(_counter)}M{now % 10**6}.{host}"
