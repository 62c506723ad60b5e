"""The mailbox as sessions and layers see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence

import msgspec

from culver.mail.changes import Changes, FlagChange, Stored
from culver.mail.columns import Batch, Wanted
from culver.mail.newmail import Copied, NewMail, Saved
from culver.mail.query import Query
from culver.mail.uids import UidSet
from culver.mail.view import View


class MailboxStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of a mailbox, all as of one moment."""

    messages: int
    recent: int
    unseen: int
    deleted: int
    first_unseen_uid: int
    """0 when everything is seen."""
    uid_next: int
    uid_validity: int
    highest_modseq: int
    size: int
    """Sum of RFC822.SIZE; -1 when it was not asked for."""
    keywords: tuple[str, ...]
    guid: str


class Mailbox(ABC):
    """An open mailbox.

    Every method is safe to cancel: a cancelled change has either happened wholly or not at all.
    Methods raise :class:`culver.errors.Refused` or :class:`culver.errors.Unavailable`.
    UIDs in sets that don't exist any more are ignored.
    """

    name: str
    """Full name with namespace prefix and the namespace's separator."""

    @abstractmethod
    async def status(self, *, size: bool = False) -> MailboxStatus:
        """The counts now; looks at the disk first."""

    @abstractmethod
    async def open_view(self, *, read_only: bool) -> View:
        """A new numbering as of now.  A writable view claims the recent messages, exactly one
        session gets each; a read-only view sees them without claiming."""

    @abstractmethod
    async def sync(self, view: View, *, expunges: bool = True) -> Changes:
        """Advance the view.  With ``expunges`` false (FETCH, STORE, SEARCH without UID) expunged
        messages keep their numbers until a later sync; fetching them gives ``vanished``."""

    @abstractmethod
    async def wait(self, view: View) -> None:
        """Return when a sync of the view would find something; at latest 50 ms after it is so."""

    @abstractmethod
    def fetch(self, view: View, uids: UidSet, wanted: Wanted) -> AsyncIterator[Batch]:
        """Columns of the messages, in batches of bounded memory.  Messages are whole: the size
        told is the size of the bytes given."""

    @abstractmethod
    async def append(self, mails: Sequence[NewMail]) -> Sequence[Saved]:
        """Save all or none; durable on return.  UIDs ascend in the order given."""

    @abstractmethod
    async def store(self, view: View, uids: UidSet, change: FlagChange) -> Stored:
        """Change flags.  Not told to ``view`` by its next sync, but to every other view."""

    @abstractmethod
    async def copy(self, view: View, uids: UidSet, target: Mailbox) -> Copied:
        """Copy with flags, keywords and INTERNALDATE, all or none; durable on return.

        The mails enter the target through its :meth:`append`, so its layers see them."""

    @abstractmethod
    async def move(self, view: View, uids: UidSet, target: Mailbox) -> Copied:
        """Copy, then expunge exactly what was copied."""

    @abstractmethod
    async def expunge(self, view: View, uids: UidSet | None) -> UidSet:
        """Remove the \\Deleted messages among ``uids`` (None: all of the mailbox).  Returns what
        was removed; the view learns of it in its next sync."""

    @abstractmethod
    async def search(self, view: View, query: Query, *, saved: UidSet | None = None) -> UidSet:
        """The view's messages that match.  ``saved`` is what SavedResult stands for."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of files and watches.  Open views of the mailbox end."""


class MailboxInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a mailbox listing."""

    name: str
    separator: str
    selectable: bool = True
    exists: bool = True
    """False for a parent that is only implied by its children, or a subscription without one."""
    children: bool = False
    subscribed: bool = False
    special_use: tuple[str, ...] = ()
    """With the backslash: ``\\Sent``."""
