"""The headers that hold UIDs, flags and keywords (inventory R4-026): read, hide, write.

They are no part of the mail: clients never see them, and what a sender put there is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from culver.mail.flags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN

_NAMES: Final = rb"content-length|status|x-imap|x-imapbase|x-keywords|x-status|x-uid"
_HIDDEN: Final = re.compile(
    rb"^(" + _NAMES + rb")[ \t]*:([^\n]*(?:\n|\Z)(?:[ \t][^\n]*(?:\n|\Z))*)",
    re.IGNORECASE | re.MULTILINE,
)
# Looked for in the lowered header before the expression is run: most lines are none of them.
_STARTS: Final = (b"\ncontent-length", b"\nstatus", b"\nx-imap", b"\nx-keywords", b"\nx-status")
_UID_START: Final = b"\nx-uid"
_LENGTH: Final = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d{1,18})[ \t\r]*(?:\n|\Z)")
_BASE: Final = re.compile(rb"[ \t]*(\d{1,10})[ \t\r\n]+(\d{1,10})((?:[ \t\r\n]+\S+)*)\s*\Z")
_NUMBER: Final = re.compile(rb"\s*(\d{1,10})\s*\Z")

PADDING: Final = 50
"""Spaces kept for changes in place; Dovecot's figure."""

MAX_UID: Final = 0xFFFFFFF0
"""Higher ones were made up by somebody who wants UIDs to run out."""

_STATUS: Final = ((ord("R"), SEEN),)
_X_STATUS: Final = (
    (ord("A"), ANSWERED),
    (ord("F"), FLAGGED),
    (ord("T"), DRAFT),
    (ord("D"), DELETED),
)

PSEUDO_BODY: Final = (
    b"This text is part of the internal format of your mail folder, and is not\n"
    b"a real message.  It is created automatically by the mail system software.\n"
    b"If deleted, important folder data will be lost, and it will be re-created\n"
    b"with the data reset to initial values.\n"
)
"""c-client's words; other programs know the message by them."""


class Base(msgspec.Struct, frozen=True):
    """X-IMAPbase, or X-IMAP of the pseudo message."""

    uid_validity: int
    last_uid: int
    keywords: tuple[str, ...] = ()


class Metadata(msgspec.Struct):
    """What the headers of one mail say."""

    uid: int | None = None
    """None: no X-UID, or one that is no number."""
    flags: int = 0
    old: bool = False
    """Status has O."""
    keywords: tuple[str, ...] = ()
    base: Base | None = None
    pseudo: bool = False


def read_metadata(header: bytes) -> Metadata:
    """Never fails: what can't be understood is as if it weren't there.  Of several headers of a
    name the first counts; flags add up."""
    said = Metadata()
    start = _first(header)
    if start < 0:
        return said
    for found in _HIDDEN.finditer(header, start):
        name, value = found[1].lower(), found[2]
        if name == b"status":
            said.flags |= _flags(value, _STATUS)
            said.old |= b"O" in value
        elif name == b"x-status":
            said.flags |= _flags(value, _X_STATUS)
        elif name == b"x-keywords":
            said.keywords = said.keywords or _words(value)
        elif name == b"x-uid":
            number = _NUMBER.match(value)
            if number and said.uid is None and 0 < int(number[1]) < MAX_UID:
                said.uid = int(number[1])
        elif name != b"content-length" and said.base is None:
            said.base = _base(value)
            said.pseudo = name == b"x-imap" and said.base is not None
    return said


def _first(header: bytes) -> int:
    """Where the first metadata header may begin; -1: there is none."""
    lowered = b"\n" + header.lower()
    places = [lowered.find(start) for start in (*_STARTS, _UID_START)]
    return min((place for place in places if place >= 0), default=-1)


def _flags(value: bytes, letters: Sequence[tuple[int, int]]) -> int:
    return sum(bit for letter, bit in letters if letter in value)


def _words(value: bytes) -> tuple[str, ...]:
    return tuple(word.decode("utf-8", "surrogateescape") for word in value.split())


def _base(value: bytes) -> Base | None:
    found = _BASE.match(value)
    if found is None or not 0 < int(found[1]) <= 0xFFFFFFFF or int(found[2]) >= MAX_UID:
        return None
    return Base(int(found[1]), int(found[2]), _words(found[3]))


def content_length(header: bytes) -> int | None:
    """What a first Content-Length says."""
    found = _LENGTH.search(b"\n" + header.lower())
    return int(found[1]) if found else None


def visible(header: bytes) -> bytes:
    """The header lines that are the mail's own."""
    start = _first(header)
    return header if start < 0 else header[:start] + _HIDDEN.sub(b"", header[start:])


def write_metadata(
    own: bytes, said: Metadata, *, body_size: int, eol: bytes = b"\n", room: int = -1
) -> bytes:
    """The header lines of a mail: its own, and the metadata behind them.

    ``room`` is how many bytes there are: when they suffice, exactly so many come out.  Otherwise
    there are :data:`PADDING` spaces for the next change.
    """
    if own and not own.endswith(b"\n"):
        own += eol
    before, after = _lines(said, body_size, eol)
    need = len(own) + len(before) + len(after)
    spaces = room - need if room >= need else PADDING
    return own + before + b" " * spaces + after


def _lines(said: Metadata, body_size: int, eol: bytes) -> tuple[bytes, bytes]:
    """The lines, cut in two where spaces may be."""
    lines: list[str] = []
    if said.base is not None:
        name = "X-IMAP" if said.pseudo else "X-IMAPbase"
        base = f"{name}: {said.base.uid_validity} {said.base.last_uid:010}"
        lines.append(" ".join((base, *said.base.keywords)))
    status = ("R" if said.flags & SEEN else "") + ("O" if said.old else "")
    if said.pseudo:
        return _encode(lines, b""), _encode(["", "Status: RO"], eol)
    lines += [f"X-UID: {said.uid}", f"Status: {status}"]
    x_status = "".join(chr(letter) for letter, bit in _X_STATUS if said.flags & bit)
    if x_status:
        lines.append(f"X-Status: {x_status}")
    lines.append("".join(("X-Keywords:", *(f" {word}" for word in said.keywords))))
    return _encode(lines, eol)[: -len(eol)], _encode(["", f"Content-Length: {body_size}"], eol)


def _encode(lines: list[str], eol: bytes) -> bytes:
    return b"".join(line.encode("utf-8", "surrogateescape") + eol for line in lines)
