"""A mail on its way into a mailbox, and what became of it."""

from __future__ import annotations

import mmap
from abc import ABC, abstractmethod
from typing import TypeAlias

import msgspec

Buffer: TypeAlias = bytes | mmap.mmap
"""A whole mail: bytes when small, a mapped spool file when large.  Both have find() and slices."""


class Link(ABC):
    """A format's own token for a copy: where it finds the same bytes, to hard-link them."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Length in bytes of what :meth:`read` gives."""

    @abstractmethod
    def read(self) -> Buffer:
        """The mail, transforms undone.  Raises :class:`culver.errors.Refused` with
        EXPUNGEISSUED when it is gone."""


class NewMail(msgspec.Struct, kw_only=True, frozen=True):
    """A mail to be saved.

    ``body`` keeps the line ends it came with; the format stores them as its settings say.
    ``received`` is the INTERNALDATE in seconds since 1970 (None: now).
    ``flags`` are bits of :mod:`culver.mail.flags`; ``keywords`` are their names.
    """

    body: Buffer = b""
    """Empty in a copy with a ``link``: ask :meth:`content`."""
    received: int | None = None
    flags: int = 0
    keywords: tuple[str, ...] = ()
    guid: str | None = None
    """Given by copies that keep it; None lets the format make one."""
    sender: str = ""
    """Envelope sender, empty when there is none (APPEND, bounces)."""
    link: Link | None = None
    """Given by copies, so that mail that is only linked is never read.  A format that doesn't
    know the token saves :meth:`content`."""

    @property
    def size(self) -> int:
        """Length in bytes of :meth:`content`."""
        return len(self.body) if self.link is None or self.body else self.link.size

    def content(self) -> Buffer:
        """The mail, read now when it is a copy."""
        return self.body if self.link is None or self.body else self.link.read()


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
