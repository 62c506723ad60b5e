"""The stream cut into lines and literals, before anything is parsed (RFC 3501 4.3, RFC 7888).

Cutting first keeps the server in step: whatever a command line holds, the octets of a literal that
the client is going to send are never read as commands.
"""

import re
from enum import Enum, auto
from typing import Final

from msgspec import Struct

# A literal is announced at the end of a line, where a token may start. Behind any other character
# "{5}" is no token of the grammar, and the line is simply a bad one.
_ANNOUNCED: Final = re.compile(rb"(?:^|[ (])(~?)\{([0-9]++)(\+?)\}\Z")
# Long enough for the announcement of 2**64 octets with all its signs, and the space before it.
_TAIL: Final = 64
_HEAD: Final = 512


class Literal(Struct, frozen=True):
    """An announced literal: its size in octets, whether the client waits for `+`, and literal8."""

    size: int
    sync: bool
    binary: bool


class Line(Struct, frozen=True):
    """One line without its line end.

    With `literal` set the command goes on, and nothing more is read before `accept` or `refuse`.
    """

    text: bytes
    literal: Literal | None


class LiteralData(Struct, frozen=True):
    """A whole literal that was accepted to be collected."""

    data: bytes


class LiteralChunk(Struct, frozen=True):
    """The next octets of a literal that was accepted as a stream; never empty."""

    data: bytes


class LiteralEnd(Struct, frozen=True):
    """All octets of a streamed literal have been handed out."""


class Overlong(Struct, frozen=True):
    """A line grew over the limit; told once, at that moment. The command is skipped to its end.

    `head` is how the line began, for the tag and the name.
    """

    head: bytes


Fragment = Line | LiteralData | LiteralChunk | LiteralEnd | Overlong

_LITERAL_END: Final = LiteralEnd()


class _Mode(Enum):
    LINE = auto()
    ANNOUNCED = auto()
    COLLECT = auto()
    STREAM = auto()
    SKIP_LINE = auto()
    SKIP_LITERAL = auto()


class Fragmentizer:
    """Bytes in, fragments out.

    `max_line` bounds the octets that one command may hold in memory: its lines and its collected
    literals. `raw` switches literals off, for lines that are no commands (SASL, IDLE's DONE).
    """

    __slots__ = ("_buffer", "_left", "_mode", "_pending", "_searched", "_tail", "_used",
                 "max_line", "raw")  # fmt: skip

    def __init__(self, max_line: int = 65536) -> None:
        self.max_line = max_line
        self.raw = False
        self._buffer = bytearray()
        self._mode = _Mode.LINE
        self._searched = 0
        self._used = 0
        self._left = 0
        self._tail = b""
        self._pending: Literal | None = None

    def receive(self, data: bytes | bytearray) -> None:
        """Append what the network gave."""
        self._buffer += data

    def next(self) -> Fragment | None:
        """Return the next fragment, or None when more octets or a decision are needed."""
        mode = self._mode
        if mode is _Mode.LINE:
            return self._line()
        if mode is _Mode.COLLECT:
            return self._collected()
        if mode is _Mode.STREAM:
            return self._chunk()
        if mode is _Mode.ANNOUNCED:
            return None
        while self._mode is not _Mode.LINE:
            if not (self._skip_line() if self._mode is _Mode.SKIP_LINE else self._skip_literal()):
                return None
        return self._line()

    @property
    def room(self) -> int:
        """How many octets more this command may hold in memory."""
        return max(0, self.max_line - self._used)

    def accept(self, *, stream: bool) -> None:
        """Take the announced literal, collected or as a stream."""
        literal = self._announced()
        self._left = literal.size
        self._mode = _Mode.STREAM if stream else _Mode.COLLECT
        if not stream:
            self._used += literal.size

    def refuse(self) -> None:
        """Drop the command whose literal is announced.

        A client that waits for `+` sends nothing more of it; one that does not wait has its
        literal and all that follows it in the same command skipped.
        """
        self._drop(self._announced())

    def end_command(self) -> None:
        """Start counting anew: a message literal was streamed, or the command is complete."""
        self._used = 0

    def clear(self) -> int:
        """Forget everything that has not been handed out; return how many octets that were."""
        dropped = len(self._buffer)
        self._buffer.clear()
        self._mode = _Mode.LINE
        self._searched = self._used = self._left = 0
        return dropped

    def rest(self) -> bytes:
        """Take out what has not been handed out, for another decoder (COMPRESS) to read."""
        data = bytes(self._buffer)
        self.clear()
        return data

    def _announced(self) -> Literal:
        if self._pending is None:
            raise RuntimeError("no literal is announced: accept and refuse follow such a Line")
        literal, self._pending = self._pending, None
        return literal

    def _line(self) -> Line | Overlong | None:
        buffer = self._buffer
        end = buffer.find(b"\n", self._searched)
        limit = max(0, self.max_line - self._used)
        if (end if end >= 0 else len(buffer)) > limit:
            return self._overlong(limit)
        if end < 0:
            self._searched = len(buffer)
            return None
        self._searched = 0
        # A bare LF ends a line too, as in Dovecot.
        text = bytes(buffer[: end - 1 if end and buffer[end - 1] == 13 else end])
        del buffer[: end + 1]
        return self._cut(text, end + 1)

    def _cut(self, text: bytes, size: int) -> Line:
        if self.raw or not text.endswith(b"}") or (literal := announced(text)) is None:
            self._used = 0
            return Line(text, None)
        self._used += size
        self._pending = literal
        self._mode = _Mode.ANNOUNCED
        return Line(text, literal)

    def _overlong(self, limit: int) -> Overlong:
        # Never more than the limit, so that the head is the same however the octets arrive.
        head = bytes(self._buffer[: min(_HEAD, limit)])
        self._tail = b""
        self._mode = _Mode.SKIP_LINE
        self._searched = 0
        return Overlong(head)

    def _collected(self) -> LiteralData | None:
        if len(self._buffer) < self._left:
            return None
        data = self._out(self._left)
        self._mode = _Mode.LINE
        return LiteralData(data)

    def _chunk(self) -> LiteralChunk | LiteralEnd | None:
        if not self._left:
            self._mode = _Mode.LINE
            return _LITERAL_END
        if not self._buffer:
            return None
        data = self._out(min(self._left, len(self._buffer)))
        self._left -= len(data)
        return LiteralChunk(data)

    def _out(self, size: int) -> bytes:
        with memoryview(self._buffer) as view:  # a slice of a bytearray would copy twice
            data = bytes(view[:size])
        del self._buffer[:size]
        return data

    def _skip_line(self) -> bool:
        """Skip to the line's end; tell whether it was found."""
        buffer = self._buffer
        end = buffer.find(b"\n")
        stop = end if end >= 0 else len(buffer)
        self._tail = (self._tail + bytes(buffer[max(0, stop - _TAIL) : stop]))[-_TAIL:]
        del buffer[: stop + 1]
        if end < 0:
            return False
        literal = None if self.raw else announced(self._tail.removesuffix(b"\r"))
        self._drop(literal)
        return True

    def _skip_literal(self) -> bool:
        skipped = min(self._left, len(self._buffer))
        del self._buffer[:skipped]
        self._left -= skipped
        if self._left:
            return False
        self._mode = _Mode.SKIP_LINE
        self._tail = b""
        return True

    def _drop(self, literal: Literal | None) -> None:
        self._used = 0
        if literal is None or literal.sync:
            self._mode = _Mode.LINE
        else:
            self._mode = _Mode.SKIP_LITERAL
            self._left = literal.size


def announced(line: bytes) -> Literal | None:
    """Return the literal that a line, without its line end, announces at its end."""
    match = _ANNOUNCED.search(line, max(0, len(line) - _TAIL))
    if match is None:
        return None
    binary, digits, plus = match.groups()
    return Literal(int(digits), not plus, bool(binary))
