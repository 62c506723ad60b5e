"""The tagged answer of a command."""

from __future__ import annotations

import msgspec

from culver.plugin import CulverError


class Answer(msgspec.Struct, frozen=True):
    """OK, NO or BAD with its text and response code."""

    text: bytes
    code: bytes = b""
    status: bytes = b"OK"


def refusal(error: CulverError) -> Answer:
    """NO, with the code that RFC 5530 has for it."""
    return Answer(error.public.encode(), error.code.encode(), b"NO")


def no(text: str, code: str = "") -> Answer:
    """NO for a reason that isn't an exception."""
    return Answer(text.encode(), code.encode(), b"NO")


def bad(text: str) -> Answer:
    """BAD for a command that is well-formed and makes no sense here."""
    return Answer(text.encode(), b"", b"BAD")
