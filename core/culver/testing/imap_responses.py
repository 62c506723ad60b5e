"""The client's half of IMAP without I/O: bytes in, responses out (RFC 3501 7)."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_LITERAL: Final = re.compile(rb"\{(\d+)\}\r\n\Z")
_STATUS: Final = re.compile(
    rb"(?P<tag>\S+) (?P<status>OK|NO|BAD|BYE|PREAUTH)"
    rb"(?: \[(?P<code>[^\]\s]+)(?: (?P<arguments>[^\]]*))?\])?(?: (?P<text>.*))?",
    re.DOTALL | re.IGNORECASE,
)


class Response(msgspec.Struct, frozen=True):
    """One response: a line and the literals in it, without the last CRLF."""

    line: bytes

    @property
    def tag(self) -> bytes:
        """``*``, ``+``, or the tag of a command."""
        return self.line.partition(b" ")[0]

    def status(self) -> Status | None:
        """The parts of OK, NO, BAD, BYE, PREAUTH; None for data."""
        found = _STATUS.fullmatch(self.line)
        if found is None:
            return None
        return Status(
            found["status"].upper().decode(),
            (found["code"] or b"").upper().decode(),
            (found["arguments"] or b"").decode(),
            (found["text"] or b"").decode(),
        )


class Status(msgspec.Struct, frozen=True):
    """OK, NO, BAD, BYE or PREAUTH."""

    status: str
    code: str
    """``TRYCREATE``; empty when there is none."""
    arguments: str
    """What stands behind the code in the brackets."""
    text: str


class ResponseReader:
    """Cuts the server's bytes into responses."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._from = 0

    def receive(self, data: bytes | bytearray) -> None:
        """Take bytes in any split."""
        self._buffer += data

    def next(self) -> Response | None:
        """The next response; None until more bytes come."""
        while True:
            end = self._buffer.find(b"\r\n", self._from)
            if end < 0:
                return None
            literal = _LITERAL.search(self._buffer, max(self._from, end - 24), end + 2)
            if literal is None:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 2]
                self._from = 0
                return Response(line)
            after = end + 2 + int(literal[1])
            if len(self._buffer) < after:
                return None
            self._from = after
