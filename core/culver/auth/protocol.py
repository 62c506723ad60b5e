"""The auth protocol's lines, without I/O (inventory 3.14): shared by its client and its server."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_LINE: Final = 16384
"""Bytes without the line's end, as Dovecot's.  Longer ones end the connection."""
VERSION: Final = ("1", "2")
MASTER_VERSION: Final = ("1", "1")

_ESCAPES: Final = {"0": "\0", "1": "\1", "t": "\t", "r": "\r", "n": "\n"}
_CODES: Final = {char: f"\1{code}" for code, char in _ESCAPES.items()}
_SPECIAL: Final = re.compile("[\0\1\t\r\n]")
_ESCAPED: Final = re.compile("\1(.?)", re.DOTALL)


class ProtocolError(Exception):
    """The peer sent what the protocol doesn't allow.  The connection can't go on."""


def escape(text: str) -> str:
    """Make a text fit between two TABs."""
    return _SPECIAL.sub(lambda m: _CODES[m[0]], text)


def unescape(text: str) -> str:
    """Undo :func:`escape`.  An unknown escape stands for the character after it."""
    if "\1" not in text:
        return text
    return _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), text)


def encode(*words: str) -> bytes:
    """A line of words, each escaped."""
    return ("\t".join([escape(word) for word in words]) + "\n").encode(errors="surrogateescape")


def encode_fields(fields: Mapping[str, str]) -> Iterator[str]:
    """``k=v``, or ``k`` alone for an empty value."""
    for name, value in fields.items():
        yield f"{name}={value}" if value else name


def decode_fields(words: Iterable[str]) -> dict[str, str]:
    """Undo :func:`encode_fields`; the last value of a name wins, empty words are skipped."""
    pairs = (word.partition("=") for word in words if word)
    return {name: value for name, _, value in pairs}


def decode(line: bytes) -> list[str]:
    """Words of a line without its end."""
    text = line.decode(errors="surrogateescape")
    if "\1" not in text:
        return text.split("\t")
    return [unescape(word) for word in text.split("\t")]


def encode_data(data: bytes) -> str:
    """Base64, which needs no escapes."""
    return base64.b64encode(data).decode()


def decode_data(text: str) -> bytes:
    """Undo :func:`encode_data`.  Raises :class:`ValueError`."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def request_id(text: str) -> str:
    """A positive number of 32 bits, kept as text.  Raises :class:`ProtocolError`."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:11]) < 2**32):
        raise ProtocolError(f"bad request id {text[:20]!r}; allowed: 1 to 4294967295")
    return str(int(text))


def check_version(words: list[str]) -> int:
    """The peer's minor version.  Raises :class:`ProtocolError` for another major one."""
    if len(words) < 3 or words[0] != "VERSION" or words[1] != "1" or not words[2].isdigit():
        raise ProtocolError(f"expected VERSION 1.x, found {' '.join(words)[:40]!r}")
    return int(words[2])


class LineBuffer:
    """Bytes in, lines out.  Raises :class:`ProtocolError` when a line gets too long."""

    __slots__ = ("_buffer", "_limit")

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._buffer = bytearray()
        self._limit = limit

    def feed(self, data: bytes | bytearray) -> list[bytes]:
        """The lines that are whole now, without their ends."""
        buffer = self._buffer
        buffer += data
        *lines, rest = bytes(buffer).split(b"\n")
        if len(rest) > self._limit or any(len(line) > self._limit for line in lines):
            raise ProtocolError(f"a line is longer than {self._limit} bytes")
        self._buffer = bytearray(rest)
        return lines
