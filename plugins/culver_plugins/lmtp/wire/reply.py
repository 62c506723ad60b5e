"""Replies: a status code, an enhanced status code (RFC 3463) and a text."""

from __future__ import annotations

import msgspec


class Reply(msgspec.Struct, frozen=True):
    """One reply, perhaps of several lines."""

    status: int
    enhanced: str
    """Empty where RFC 2034 wants none: the greeting, LHLO and 3xx."""
    text: str

    def encode(self) -> bytes:
        lines = self.text.split("\n")
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
