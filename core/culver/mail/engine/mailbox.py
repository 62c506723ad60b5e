"""The innermost mailbox: all of :class:`~culver.mail.mailbox.Mailbox` over any storage format."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import numpy as np

from culver.errors import Refused
from culver.mail.changes import Changes, FlagChange, Stored
from culver.mail.closing import closing
from culver.mail.columns import Batch, Wanted
from culver.mail.engine import report
from culver.mail.engine.cacheform import pack_number, to_file
from culver.mail.engine.columns import batches
from culver.mail.engine.fields import AT_DELIVERY, compute, is_field
from culver.mail.engine.search import search
from culver.mail.engine.shared import SharedBox
from culver.mail.engine.view import EngineView
from culver.mail.flags import DELETED, SEEN, STORED_FLAGS
from culver.mail.mailbox import Mailbox, MailboxStatus
from culver.mail.newmail import Copied, NewMail, Saved
from culver.mail.query import Query
from culver.mail.uids import UidSet, among, uids_to_array
from culver.mail.view import View
from culver.mime.crlf import virtual_size
from culver.mime.parse import parse_message
from culver_events.scope import Scope

_PARSED_AT_ONCE: Final = 256 << 10
"""Bytes; larger mails are parsed when somebody asks."""


class EngineMailbox(Mailbox):
    """A session's handle on a :class:`SharedBox`."""

    def __init__(
        self, name: str, shared: SharedBox, scope: Scope, *, idle_interval: float = 30.0
    ) -> None:
        self.name = name
        self.shared = shared
        self.scope = scope
        self.idle_interval = idle_interval
        self._views: list[EngineView] = []

    async def status(self, *, size: bool = False) -> MailboxStatus:
        await self.shared.refresh()
        index, box = self.shared.index, self.shared.box
        if size:
            await self.shared.need_sizes(index.uids)
        unseen = np.flatnonzero(index.flags & SEEN == 0)
        return MailboxStatus(
            messages=len(index),
            recent=len(self.shared.recent),
            unseen=len(unseen),
            deleted=int(np.count_nonzero(index.flags & DELETED)),
            first_unseen_uid=int(index.uids[unseen[0]]) if len(unseen) else 0,
            uid_next=self.shared.uid_next,
            uid_validity=box.uid_validity,
            highest_modseq=index.highest_modseq,
            size=int(index.sizes.sum()) if size else -1,
            keywords=index.keyword_names,
            guid=box.guid,
        )

    async def open_view(self, *, read_only: bool) -> View:
        await self.shared.refresh()
        claimed = await self._recent(read_only)
        view = EngineView(self.shared.index, read_only=read_only)
        view.recent = claimed
        self.shared.views.add(view)
        self._views.append(view)
        return view

    async def _recent(self, read_only: bool) -> UidSet:
        if read_only:
            return self.shared.recent.copy()
        return await self.shared.format.claim_recent(self.shared.box)

    async def sync(self, view: View, *, expunges: bool = True) -> Changes:
        mine = self._mine(view)
        await self.shared.refresh()
        mine.recent |= await self._recent(mine.read_only)
        return mine.advance(expunges=expunges)

    def _mine(self, view: View) -> EngineView:
        if not isinstance(view, EngineView):
            raise TypeError(f"not a view of this mailbox: {view!r}")
        return view

    async def wait(self, view: View) -> None:
        await self.shared.wait(self._mine(view).is_behind, self.idle_interval)

    async def fetch(self, view: View, uids: UidSet, wanted: Wanted) -> AsyncIterator[Batch]:
        known = among(uids, view.uids)
        async with closing(batches(self.shared, known, wanted)) as found:
            async for batch in found:
                if wanted.seen and not view.read_only:
                    await self._mark_seen(self._mine(view), batch)
                yield batch

    async def _mark_seen(self, view: EngineView, batch: Batch) -> None:
        unseen = UidSet(batch.uids[batch.flags & SEEN == 0])
        if unseen:
            await self.store(view, unseen, FlagChange(mode="add", flags=SEEN))
            batch.flags = batch.flags | np.uint8(SEEN)
            batch.flags_changed = True

    async def append(self, mails: Sequence[NewMail]) -> Sequence[Saved]:
        if not mails:
            return ()
        shared = self.shared
        modseq = shared.next_modseq()
        saved, found = await shared.format.save(shared.box, mails)
        shared.apply(found, modseq=modseq)
        await self._fill_cache(mails, saved)
        report.appended(self.scope, mails, saved)
        return saved

    async def _fill_cache(self, mails: Sequence[NewMail], saved: Sequence[Saved]) -> None:
        """Parse once: what nearly every client asks for, and what clients of this mailbox do."""
        shared = self.shared
        asked = [] if shared.store is None else shared.store.wanted()
        names = [*AT_DELIVERY, *(n for n in asked if is_field(n) and n not in AT_DELIVERY)]
        filled: dict[int, dict[str, bytes]] = {}
        for mail, where in zip(mails, saved, strict=True):
            if mail.body and mail.size <= _PARSED_AT_ONCE:
                root = parse_message(mail.body)
                values = compute(mail.body, names, root)
                shared.cache.put((shared.box.key, where.uid_validity, where.uid), values)
                stored = {n: to_file(n, value, mail.body, root) for n, value in values.items()}
                stored["size.virtual"] = pack_number("size.virtual", virtual_size(mail.body))
                filled[where.uid] = stored
        await shared.keep(filled)

    async def store(self, view: View, uids: UidSet, change: FlagChange) -> Stored:
        mine = self._mine(view)
        if mine.read_only:
            raise Refused("NOPERM", "Mailbox is read-only")
        shared = self.shared
        uids = UidSet(among(UidSet(among(uids, mine.uids)), shared.index.uids))
        modified = await self._modified(uids, change.unchanged_since)
        uids -= modified
        if not uids:
            return Stored(uids, modified, mine.highest_modseq)
        before = report.flags_before(self.scope, shared, uids)
        # \Recent is the server's own (RFC 3501 2.3.2).
        change = FlagChange(
            mode=change.mode, flags=change.flags & STORED_FLAGS, keywords=change.keywords
        )
        changed, modseq = await shared.change_flags(uids, change, mine)
        report.flags_changed(self.scope, shared, changed & uids, before)
        return Stored(UidSet(among(uids, shared.index.uids)), modified, modseq)

    async def _modified(self, uids: UidSet, unchanged_since: int | None) -> UidSet:
        """Those that are newer than a conditional STORE allows (RFC 7162 3.1.3)."""
        if unchanged_since is None:
            return UidSet()
        array = uids_to_array(uids)
        await self.shared.need_stats(array)
        array, places = self.shared.index.find(array)
        return UidSet(array[self.shared.index.modseqs[places] > unchanged_since])

    async def copy(self, view: View, uids: UidSet, target: Mailbox) -> Copied:
        return await self._copy(view, uids, target, moved=False)

    async def _copy(self, view: View, uids: UidSet, target: Mailbox, *, moved: bool) -> Copied:
        mails: list[NewMail] = []
        source: list[int] = []
        async with closing(self.fetch(view, uids, Wanted(received=True, guids=True))) as found:
            async for batch in found:
                for uid, mail in self._links(batch):
                    source.append(uid)
                    mails.append(mail)
        saved = await target.append(mails)
        validity = saved[0].uid_validity if saved else 0
        copied = Copied(validity, tuple(source), tuple(one.uid for one in saved))
        report.copied(self.scope, self.name, target.name, copied, moved=moved)
        return copied

    def _links(self, batch: Batch) -> Iterator[tuple[int, NewMail]]:
        """The mails of a batch as new ones, none of them read."""
        assert batch.received is not None
        columns = zip(
            batch.uids.tolist(),
            batch.received.tolist(),
            batch.flags.tolist(),
            batch.keywords or [()] * len(batch.uids),
            batch.guids,
            strict=True,
        )
        for uid, received, flags, keywords, guid in columns:
            link = self.shared.format.link(self.shared.box, uid)
            if link is not None:
                yield (
                    uid,
                    NewMail(
                        received=received, flags=flags, keywords=keywords, guid=guid, link=link
                    ),
                )

    async def move(self, view: View, uids: UidSet, target: Mailbox) -> Copied:
        if view.read_only:
            raise Refused("NOPERM", "Mailbox is read-only")
        copied = await self._copy(view, uids, target, moved=True)
        await self._remove(UidSet(copied.source))
        return copied

    async def expunge(self, view: View, uids: UidSet | None) -> UidSet:
        if view.read_only:
            raise Refused("NOPERM", "Mailbox is read-only")
        await self.shared.refresh()
        index = self.shared.index
        deleted = UidSet(index.uids[index.flags & DELETED != 0])
        deleted = UidSet(among(deleted, view.uids))
        return await self._remove(deleted if uids is None else deleted & uids)

    async def _remove(self, uids: UidSet) -> UidSet:
        if not uids:
            return UidSet()
        shared = self.shared
        modseq = shared.next_modseq()
        found = await shared.format.remove(shared.box, uids)
        shared.apply(found, modseq=modseq)
        removed = found.expunged & uids
        report.expunged(self.scope, removed)
        return removed

    async def search(self, view: View, query: Query, *, saved: UidSet | None = None) -> UidSet:
        return await search(self.shared, view, query, saved or UidSet())

    async def close(self) -> None:
        for view in self._views:
            self.shared.views.discard(view)
        self._views.clear()
