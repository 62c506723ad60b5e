"""The tagged answer of a command."""

from __future__ import annotations

import re

import msgspec

from culver.plugin import CulverError


class Answer(msgspec.Struct, frozen=True):
    """OK, NO or BAD with its text and response code."""

    text: bytes
    code: bytes = b""
    status: bytes = b"OK"
    counts: bool = False
    """A mistake of the client's, one of those that end a connection when there are many."""


def refusal(error: CulverError) -> Answer:
    """NO, with the code that RFC 5530 has for it."""
    return no(error.public, error.code)


def no(text: str, code: str = "") -> Answer:
    """NO for a reason that isn't an exception."""
    return Answer(_one_line(text), code.encode(), b"NO")


def bad(text: str) -> Answer:
    """BAD for a command that can't be done in this state."""
    return Answer(text.encode(), b"", b"BAD")


def mistake(text: str) -> Answer:
    """BAD for a command that is well-formed and makes no sense.  Its name is put in front."""
    return Answer(text.encode(), b"", b"BAD", counts=True)


def _one_line(text: str) -> bytes:
    """Names that clients chose may be part of a text: none may end the line and forge another."""
    return re.sub("[\x00-\x1f\x7f]", "?", text).encode()
