"""One mail in an mbox: where it lies, and what its metadata headers say."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, gc=False):
    """Offsets in bytes from the beginning of the file."""

    start: int
    """Where ``From`` begins."""
    header: int
    """After that line."""
    ends: int
    """After the last header line; the empty line follows, if there is one."""
    body: int
    end: int
    """After the body; the line end that parts it from the next mail follows."""


class Entry(Span, gc=False, kw_only=True):
    """A mail as of the last look at the file."""

    uid: int
    """0 for the pseudo message."""
    flags: int = 0
    keywords: int = 0
    """Bit n stands for the n-th name of the mailbox's list."""
    recent: bool = False
    """Its Status has no ``O``: no session has claimed it yet."""
    received: int = 0
    guid: str = ""
    check: int = 0
    """CRC-32 of all up to the body: tells whether somebody has changed something there."""
    size: int = -1
    """RFC822.SIZE; -1 until somebody has read it."""
    stale: bool = False
    """The file does not say what this says: the headers must be written."""
