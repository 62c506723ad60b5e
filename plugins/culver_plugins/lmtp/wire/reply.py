"""Replies: a status code, an enhanced status code (RFC 3463) and a text."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f]")


class Reply(msgspec.Struct, frozen=True):
    """One reply, perhaps of several lines."""

    status: int
    enhanced: str
    """Empty where RFC 2034 wants none: the greeting, LHLO and 3xx."""
    text: str

    def encode(self) -> bytes:
        # Texts may hold what clients said; none may end the line and forge another reply.
        lines = _CONTROL.sub("?", self.text).split("\n")
        code = f"{self.enhanced} " if self.enhanced else ""
        last = len(lines) - 1
        return "".join(
            f"{self.status}{' ' if number == last else '-'}{code}{line}\r\n"
            for number, line in enumerate(lines)
        ).encode()

    @property
    def failed(self) -> bool:
        return self.status >= 400


OK = Reply(250, "2.0.0", "OK")
BAD_SEQUENCE = Reply(503, "5.5.1", "Bad sequence of commands")
INTERNAL_ERROR = Reply(451, "4.3.0", "Temporary internal error")
LINE_TOO_LONG = Reply(500, "5.5.2", "Command line too long")
