"""Names of Maildir files: ``<sec>.M<usec>P<pid>.<host>,S=<size>,W=<vsize>:2,<flags>``.

The part before the colon is the base name: it stays as long as the mail is in the mailbox.
Inventory R4-011; https://cr.yp.to/proto/maildir.html.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from functools import lru_cache
from typing import Final

from culver.mail.flags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN

LETTERS: Final = {"D": DRAFT, "F": FLAGGED, "R": ANSWERED, "S": SEEN, "T": DELETED}
"""Flag letters in ASCII order."""

MAX_KEYWORDS: Final = 26
"""Letters ``a`` to ``z``."""

_LETTER_OF: Final = tuple((bit, letter) for letter, bit in LETTERS.items())
_SIZES: Final = re.compile(r",([SW])=(\d+)(?=[:,]|$)")
_TIME: Final = re.compile(r"(\d+)(?:\.[^.:]*?M(\d+))?")


def base_of(name: str) -> str:
    """The part that doesn't change with the flags."""
    return name.partition(":")[0]


@lru_cache(maxsize=4096)
def _parse_info(info: str) -> tuple[int, int]:
    flags = keywords = 0
    if info.startswith("2,"):
        for letter in info[2:].partition(",")[0]:
            flags |= LETTERS.get(letter, 0)
            if "a" <= letter <= "z":
                keywords |= 1 << (ord(letter) - 97)
    return flags, keywords


def flags_of(name: str) -> tuple[int, int]:
    """Flags, and keywords as bits (bit 0 is ``a``), of a file name or path."""
    _, found, info = name.rpartition(":")
    return _parse_info(info) if found else (0, 0)


def with_flags(name: str, flags: int, keywords: int) -> str:
    """The name with other flags.  Letters that aren't ours and what follows a second comma stay."""
    base, found, info = name.rpartition(":")
    if not found:
        base, info = name, ""
    old, comma, rest = info[2:].partition(",") if info.startswith("2,") else ("", "", "")
    letters = [c for c in old if c not in LETTERS and not "a" <= c <= "z"]
    letters += [letter for bit, letter in _LETTER_OF if flags & bit]
    letters += [chr(97 + bit) for bit in range(MAX_KEYWORDS) if keywords >> bit & 1]
    return f"{base}:2,{''.join(sorted(letters))}{comma}{rest}"


def sizes_of(name: str) -> tuple[int, int]:
    """``S=`` (bytes as they lie on the disk) and ``W=`` (with CRLF), -1 where not given."""
    found = {key: int(value) for key, value in _SIZES.findall(base_of(name))}
    return found.get("S", -1), found.get("W", -1)


def arrival_order(name: str) -> tuple[int, int, str]:
    """Sort key: the time in the name, then the name.  New mails get their UIDs in this order."""
    base = base_of(name)
    found = _TIME.match(base)
    if found is None:
        return 0, 0, base
    return int(found[1]), int(found[2] or 0), base


class NameMaker:
    """Unique base names: no two the same in this process, and none with another process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._host = ""

    def __call__(self) -> str:
        """``<sec>.M<usec>P<pid>.<host>``"""
        with self._lock:
            self._last = now = max(time.time_ns() // 1000, self._last + 1)
        # The specification's escapes; a slash would leave the directory.
        self._host = self._host or socket.gethostname().replace("/", r"\057").replace(":", r"\072")
        return f"{now // 1_000_000}.M{now % 1_000_000}P{os.getpid()}.{self._host}"


make_name = NameMaker()
