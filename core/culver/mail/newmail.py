"""A mail on its way into a mailbox, and what became of it."""

from __future__ import annotations

import mmap
from typing import TypeAlias

import msgspec

Buffer: TypeAlias = bytes | mmap.mmap
"""A whole mail: bytes when small, a mapped spool file when large.  Both have find() and slices."""


class NewMail(msgspec.Struct, kw_only=True, frozen=True):
    """A mail to be saved.

    ``body`` keeps the line ends it came with; the format stores them as its settings say.
    ``received`` is the INTERNALDATE in seconds since 1970 (None: now).
    ``flags`` are bits of :mod:`culver.mail.flags`; ``keywords`` are their names.
    """

    body: Buffer
    received: int | None = None
    flags: int = 0
    keywords: tuple[str, ...] = ()
    guid: str | None = None
    """Given by copies that keep it; None lets the format make one."""
    sender: str = ""
    """Envelope sender, empty when there is none (APPEND, bounces)."""
    link: object = None
    """A format's own token for a copy: where it finds the same bytes (to hard-link them).
    A format that doesn't know the token saves ``body``."""

    @property
    def size(self) -> int:
        """Length of ``body`` in bytes, as it came."""
        return len(self.body)


class Saved(msgspec.Struct, frozen=True):
    """A mail that is on disk: data and directory entry synced (unless mail_fsync=never)."""

    uid_validity: int
    uid: int
    guid: str


class Copied(msgspec.Struct, frozen=True):
    """What a copy or move did.  ``source`` and ``target`` UIDs pair up by position."""

    uid_validity: int
    source: tuple[int, ...]
    target: tuple[int, ...]
