"""Layers change what a mailbox does, each wrapping the next (design section 4)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from culver.mail.changes import Changes, FlagChange, Stored
from culver.mail.columns import Batch, Wanted
from culver.mail.mailbox import Mailbox, MailboxStatus
from culver.mail.newmail import Copied, NewMail, Saved
from culver.mail.query import Query
from culver.mail.uids import UidSet
from culver.mail.view import View

if TYPE_CHECKING:
    from culver.config.settings import Settings
    from culver.mail.user import MailUser
    from culver_events.event import Event

    S = TypeVar("S", bound=Settings)


class MailboxLayer(Mailbox):
    """A mailbox that hands everything to the next one.  Override what you change.

    One instance per opened mailbox.  A layer that raises Refused or Unavailable stops the
    operation before anything was changed; any other exception is the plugin's bug: it is
    emitted as ``plugin_failed``, and the client gets an internal error for this one command.
    """

    def __init__(self, following: Mailbox, user: MailUser) -> None:
        self.next = following
        self.user = user
        self.name = following.name

    def settings(self, cls: type[S]) -> S:
        """The plugin's settings for this user."""
        return self.user.config.get(cls)

    def emit(self, event: Event) -> None:
        """Emit with this user's and mailbox's context."""
        self.user.scope.child(mailbox=self.name).emit(event)

    async def status(self, *, size: bool = False) -> MailboxStatus:
        return await self.next.status(size=size)

    async def open_view(self, *, read_only: bool) -> View:
        return await self.next.open_view(read_only=read_only)

    async def sync(self, view: View, *, expunges: bool = True) -> Changes:
        return await self.next.sync(view, expunges=expunges)

    async def wait(self, view: View) -> None:
        await self.next.wait(view)

    def fetch(self, view: View, uids: UidSet, wanted: Wanted) -> AsyncIterator[Batch]:
        return self.next.fetch(view, uids, wanted)

    async def append(self, mails: Sequence[NewMail]) -> Sequence[Saved]:
        return await self.next.append(mails)

    async def store(self, view: View, uids: UidSet, change: FlagChange) -> Stored:
        return await self.next.store(view, uids, change)

    async def copy(self, view: View, uids: UidSet, target: Mailbox) -> Copied:
        return await self.next.copy(view, uids, target)

    async def move(self, view: View, uids: UidSet, target: Mailbox) -> Copied:
        return await self.next.move(view, uids, target)

    async def expunge(self, view: View, uids: UidSet | None) -> UidSet:
        return await self.next.expunge(view, uids)

    async def search(self, view: View, query: Query, *, saved: UidSet | None = None) -> UidSet:
        return await self.next.search(view, query, saved=saved)

    async def close(self) -> None:
        await self.next.close()
