"""What a storage format implements; the engine gives the rest of a mailbox from it.

A format deals with files, UIDs and durability.  It never sees a sequence number, a view or a
search; no session ever sees its file names.

**Where flags, keywords and modseqs live.**  A box that a format opened with ``box.index`` set (a
:class:`~culver.mail.engine.persistent.PersistentIndex`) has them in dovecot.index and its log;
the engine then takes its columns from there, and of the ``Found`` that methods return it only uses
``expunged`` of :meth:`StorageFormat.remove`.  Without an index (``INDEX=MEMORY``) the engine keeps
an index in memory from the ``Found`` of every call.

Every use of the files goes through the index: ``await box.index.run(work, doing)`` runs ``work`` in
a thread, alone, and then takes over what is new; ``work`` makes its changes inside ``with
box.index.changing() as files:``, which holds the log's lock with everything read.  Broken index
files raise IndexCorrupted there, are made whole, and ``work`` is called again: it must start over.

**Formats with** ``flags_in_index`` (dbox) derive from
:class:`~culver.mail.engine.indexed.IndexedFormat`, which gives them rescan, write_flags, remove
and claim_recent.  Theirs are the files, in this order, so that dying anywhere loses nothing that
was acknowledged and never leaves a mail in the index without its file:

save
    1. Write each mail to a temporary file, without any lock; fsync the files, many at a time.
    2. ``run``: ``changing()``; the UIDs start at ``files.state.header.next_uid``; rename the files
       to their names and fsync their directory (sdbox), or append to the map (mdbox: the map
       index's lock is taken before the mailbox's, as Dovecot does).
    3. Still under the lock: ONE transaction: ``t = files.begin(); t.append(flags, keywords=...,
       rows={spec: ...}); done = t.commit()``.  The commit assigns the UIDs and is durable on
       return; ``done.uids`` are those of ``Saved``.  The engine caches fields afterwards.
    4. Nothing to fsync afterwards.  On an error before the commit remove the files again.
flags
    One transaction without an fsync; the files are not touched.
remove
    One external expunge, committed durably, then the files are unlinked (or their refcounts
    lowered): :meth:`IndexedFormat.expunge`.
others' requests
    Dovecot writes what it wants expunged to the log first; when it died before it did it, the
    next ``rescan`` does (``IndexedFormat`` calls ``expunge`` for them).

**Maildir** has the flags in file names too and UIDs in dovecot-uidlist: files first, then one
external transaction.  Locks in the order dovecot-uidlist.lock, log, as Dovecot takes them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.mail.changes import FlagChange
from culver.mail.location import MailLocation
from culver.mail.newmail import Buffer, Link, NewMail, Saved
from culver.mail.rows import Rows, no_rows
from culver.mail.uids import UidSet

if TYPE_CHECKING:
    from culver.mail.engine.persistent import PersistentIndex
    from culver.mail.storagecontext import StorageContext

MailboxPath: TypeAlias = tuple[str, ...]
"""A mailbox within a namespace: the parts of its name, Unicode, without prefix or separator."""

INBOX: MailboxPath = ("INBOX",)


class Found(msgspec.Struct, kw_only=True):
    """What became of a mailbox's files since the format last told.

    UIDs of ``appeared`` are higher than all that were told before.  Nothing is told twice.
    """

    appeared: Rows = msgspec.field(default_factory=no_rows)
    changed: Rows = msgspec.field(default_factory=no_rows)
    expunged: UidSet = msgspec.field(default_factory=UidSet)

    def __bool__(self) -> bool:
        return bool(len(self.appeared) or len(self.changed) or self.expunged)


class Stats(msgspec.Struct, frozen=True):
    """What the file system knows of messages, one entry per asked-for UID; -1: vanished."""

    received: NDArray[np.int64]
    """INTERNALDATE, seconds since 1970."""
    saved: NDArray[np.int64]
    """When the mail came into this mailbox, seconds since 1970."""
    changed: NDArray[np.int64]
    """Last change of the directory entry, microseconds since 1970; every process sees the same."""


class Bodies(msgspec.Struct, frozen=True):
    """Some of the asked-for mails, in the order asked for; transforms undone."""

    uids: tuple[int, ...]
    bodies: tuple[Buffer, ...]
    vanished: tuple[int, ...] = ()


class OpenBox:
    """A mailbox that a format has open.  One per mailbox and process; formats add what they need.

    Only the engine and the format touch it, the engine under ``lock`` of its own.
    """

    path: MailboxPath
    index: PersistentIndex | None = None
    """Its index files; None: the engine keeps an index in memory.  With one, the attributes below
    from ``uid_next`` on are the format's own business: the engine asks the index."""
    key: str
    """The same for the same mailbox, whichever user or namespace opened it."""
    uid_validity: int
    guid: str
    """128 bits in hex."""
    uid_next: int
    keywords: list[str]
    """Names by bit; only grows while the box is open."""
    max_keywords: int
    """How many of them the format can store."""
    recent: UidSet
    """What no writable session has claimed yet."""
    changed: int
    """When the mailbox last changed, microseconds since 1970, never decreasing."""


class ListedBox(msgspec.Struct, frozen=True):
    """A mailbox that a walk of the store found."""

    path: MailboxPath
    selectable: bool = True
    """False for a directory that only holds other mailboxes."""


class MailboxList(ABC):
    """The mailboxes of a store: names on the disk, and the subscriptions.

    Raises :class:`culver.errors.Refused` (ALREADYEXISTS, NONEXISTENT, CANNOT, NOPERM) or
    :class:`culver.errors.Unavailable`.
    """

    separator: str
    """The separator that a namespace has when the configuration gives none."""

    @abstractmethod
    async def walk(self) -> Sequence[ListedBox]:
        """Every mailbox, in no order.  INBOX is among them when it exists."""

    @abstractmethod
    async def exists(self, path: MailboxPath) -> bool:
        """Whether it can be opened."""

    @abstractmethod
    async def create(self, path: MailboxPath, *, directory: bool = False) -> None:
        """Create it with the parents that the layout needs; with ``directory`` only something
        that can hold mailboxes, where the layout knows that."""

    @abstractmethod
    async def delete(self, path: MailboxPath) -> None:
        """Remove the mailbox with its mail; children stay."""

    @abstractmethod
    async def rename(self, old: MailboxPath, new: MailboxPath) -> None:
        """Rename with children.  UIDs and UIDVALIDITY go along.  Never called for INBOX."""

    @abstractmethod
    async def subscriptions(self) -> frozenset[MailboxPath]:
        """What is in the subscriptions file, also names without a mailbox."""

    @abstractmethod
    async def subscribe(self, path: MailboxPath, subscribed: bool) -> None:
        """Add or remove a line of the subscriptions file, under its lock."""


class StorageFormat(ABC):
    """How mails lie on the disk.  One instance per namespace of a user.

    Methods run on the loop and put what blocks into threads.  They may be cancelled at any
    checkpoint: a change has then happened wholly or not at all.  Several processes, and
    Dovecot, work on the same files at the same time; the format does the locking.
    """

    name: ClassVar[str]
    """The driver in ``mail_location``."""
    flags_in_index: ClassVar[bool] = False
    """Nothing but the index says which mails there are and what flags they have: without one the
    format can't work (INDEX=MEMORY is refused)."""
    mailboxes: MailboxList

    def __init__(self, location: MailLocation, context: StorageContext) -> None:
        self.location = location
        self.context = context

    @classmethod
    def detect(cls, root: Path) -> bool:
        """Whether a store of this format lies there.  Creates nothing."""
        return False

    @abstractmethod
    def key(self, path: MailboxPath) -> str:
        """``OpenBox.key`` of the mailbox, known without opening it."""

    @abstractmethod
    async def open(self, path: MailboxPath) -> OpenBox:
        """Open; no locks are held afterwards.  Refused NONEXISTENT when there is none.

        ``recent`` and the columns are empty until the first :meth:`rescan`."""

    @abstractmethod
    async def rescan(self, box: OpenBox) -> Found:
        """What others did to the files since the last call of any method.  Gives durable UIDs
        to mails that other programs dropped in.  Cheap when nothing happened."""

    @abstractmethod
    async def save(self, box: OpenBox, mails: Sequence[NewMail]) -> tuple[Sequence[Saved], Found]:
        """Save all or none.  On return data, directory entries and UIDs are durable (unless
        mail_fsync=never); UIDs ascend in the order given.  ``Found`` has the new mails, and
        mails of others with lower UIDs.  A full disk leaves nothing behind and raises
        Unavailable."""

    @abstractmethod
    def read(self, box: OpenBox, uids: Sequence[int]) -> AsyncIterator[Bodies]:
        """The mails, in batches that hold at most about 1 MiB, or one mail."""

    @abstractmethod
    async def write_flags(self, box: OpenBox, uids: UidSet, change: FlagChange) -> Found:
        """Change flags of those that exist, on top of what others have changed since.  Returns
        the rows that are different now.  Not fsynced, as with Dovecot's mail_fsync=optimized."""

    @abstractmethod
    async def remove(self, box: OpenBox, uids: UidSet) -> Found:
        """Remove mails for good; those already gone count as removed."""

    @abstractmethod
    async def claim_recent(self, box: OpenBox) -> UidSet:
        """Take all of ``box.recent`` that no other process was faster to take."""

    @abstractmethod
    async def stat(self, box: OpenBox, uids: Sequence[int]) -> Stats:
        """Dates of the mails."""

    async def sizes(self, box: OpenBox, uids: Sequence[int]) -> Sequence[int]:
        """RFC822.SIZE of each mail that the format knows without reading it; -1 of the others.
        Asked only of boxes with index files; without those the sizes are in ``Found``."""
        return [-1] * len(uids)

    async def prepare(self, box: OpenBox, uids: Sequence[int]) -> None:  # noqa: B027 - optional
        """Called before :meth:`guids` and :meth:`link` of these mails: find out what they need."""

    @abstractmethod
    def guids(self, box: OpenBox, uids: Sequence[int]) -> list[str]:
        """The mails' GUIDs; they stay over restarts and copies."""

    @abstractmethod
    def link(self, box: OpenBox, uid: int) -> Link | None:
        """A token with which a save of the same format can link the mail; None: read it."""

    @abstractmethod
    def watch_paths(self, box: OpenBox) -> Sequence[Path]:
        """Files and directories that change when others change the mailbox."""

    async def close(self, box: OpenBox) -> None:  # noqa: B027 - optional
        """Let go of what :meth:`open` took."""
