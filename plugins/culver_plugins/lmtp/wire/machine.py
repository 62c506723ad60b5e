"""The connection as a state machine: lines, dot-stuffed data, and counted chunks.

``receive`` takes bytes in any split; ``next_event`` gives events until it gives NEED_DATA.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

MAX_LINE: Final = 4096
"""Bytes of a command line.  RFC 5321 4.5.3.1.4 asks for 512 and each extension adds some; Dovecot
takes 4 kB."""

END_OF_DATA: Final = b"\r\n.\r\n"


class Line(msgspec.Struct, frozen=True):
    """A command line without its line end."""

    text: bytes


class LineTooLong(msgspec.Struct, frozen=True):
    """A command line over the limit; it was skipped to its end, the connection is in step."""


class Data(msgspec.Struct, frozen=True):
    """Some bytes of the mail, dot-stuffing undone."""

    chunk: bytes


class DataEnd(msgspec.Struct, frozen=True):
    """The mail, or the chunk that BDAT announced, is complete."""


class NeedData(msgspec.Struct, frozen=True):
    """Nothing more can be said before more bytes come."""


NEED_DATA: Final = NeedData()

Event: TypeAlias = Line | LineTooLong | Data | DataEnd | NeedData


class Machine:
    """Splits a client's bytes.  The session says what comes next: a line unless told otherwise."""

    def __init__(self, max_line: int = MAX_LINE) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._max_line = max_line
        self._skipping = False
        self._in_data = False
        self._data_started = False
        self._chunk_left = 0
        self._in_chunk = False

    def receive(self, data: bytes | bytearray) -> None:
        self._buffer += data

    def discard(self) -> None:
        """Forget what was not parsed: what came before STARTTLS in the clear must not be taken
        for what comes after it (CVE-2011-0411)."""
        self._buffer.clear()
        self._searched = 0

    def expect_data(self) -> None:
        """After 354: what follows is mail up to a line with a dot."""
        # The mail starts at a line's start: with a CRLF in front, "\r\n.\r\n" finds every end.
        self._buffer[:0] = b"\r\n"
        self._in_data = True
        self._data_started = False
        self._searched = 0

    def expect_chunk(self, size: int) -> None:
        """After BDAT: exactly ``size`` bytes follow (RFC 3030)."""
        self._in_chunk = True
        self._chunk_left = size

    def next_event(self) -> Event:
        if self._in_data:
            return self._next_data()
        if self._in_chunk:
            return self._next_chunk()
        return self._next_line()

    def _next_line(self) -> Event:
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            if self._searched > self._max_line + 1:  # the CR may be there already
                self._skipping = True
                self._buffer.clear()
                self._searched = 0
            return NEED_DATA
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._searched = 0
        if self._skipping or len(line) > self._max_line:
            self._skipping = False
            return LineTooLong()
        return Line(line)

    def _next_data(self) -> Event:
        # Only CRLF "." CRLF ends a mail.  Taking a bare LF for a line end here is what lets a
        # second mail be smuggled into the first (CVE-2023-51764).
        end = self._buffer.find(END_OF_DATA, self._searched)
        if end >= 0:
            chunk = self._unstuff(end + 2)
            del self._buffer[:3]
            self._in_data = False
            self._searched = 0
            if chunk:
                # The end is told by the next call.
                self._in_chunk, self._chunk_left = True, 0
                return Data(chunk)
            return DataEnd()
        cut = self._safe_cut()
        if cut <= 0:
            return NEED_DATA
        chunk = self._unstuff(cut)
        self._searched = 0
        return Data(chunk) if chunk else NEED_DATA

    def _safe_cut(self) -> int:
        """How much can be given away without tearing a CRLF "." CRLF apart."""
        cut = len(self._buffer) - len(END_OF_DATA) + 1
        if not self._data_started and cut < 2:
            return 0
        # One step back is enough: what then follows the cut is a CR or LF, never the dot.
        if self._buffer.endswith(b"\r", 0, cut):
            cut -= 1
        elif self._buffer.endswith(b"\r\n", 0, cut):
            cut -= 2
        return cut

    def _unstuff(self, cut: int) -> bytes:
        chunk = bytes(self._buffer[:cut]).replace(b"\r\n.", b"\r\n")
        del self._buffer[:cut]
        if not self._data_started:
            self._data_started = True
            chunk = chunk[2:]
        return chunk

    def _next_chunk(self) -> Event:
        if self._chunk_left == 0:
            self._in_chunk = False
            return DataEnd()
        if not self._buffer:
            return NEED_DATA
        chunk = bytes(self._buffer[: self._chunk_left])
        del self._buffer[: len(chunk)]
        self._chunk_left -= len(chunk)
        return Data(chunk)
