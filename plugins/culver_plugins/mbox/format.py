"""The storage format ``mbox``."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import trio

from culver.errors import Refused
from culver.mail.changes import FlagChange
from culver.mail.location import MailLocation
from culver.mail.newmail import Link, NewMail, Saved
from culver.mail.storage import Bodies, Found, MailboxPath, OpenBox, Stats, StorageFormat
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver_plugins.mbox import change as changing
from culver_plugins.mbox.box import MboxBox
from culver_plugins.mbox.found import merge
from culver_plugins.mbox.indexhint import read_hint
from culver_plugins.mbox.layout import MboxList
from culver_plugins.mbox.link import MboxLink
from culver_plugins.mbox.locks import lock_plan
from culver_plugins.mbox.read import batches, read_batch
from culver_plugins.mbox.save import Pending, commit_all, draft
from culver_plugins.mbox.settings import MboxSettings
from culver_plugins.mbox.work import in_thread

T = TypeVar("T")


class MboxFormat(StorageFormat):
    """mbox as Dovecot writes it (mboxcl2 with metadata headers)."""

    name = "mbox"

    def __init__(self, location: MailLocation, context: StorageContext) -> None:
        super().__init__(location, context)
        self.settings = context.config.get(MboxSettings)
        self._plan = lock_plan(self.settings)
        self._sync = context.fsync != "never"
        self._list = MboxList(location, sync=self._sync)
        self.mailboxes = self._list

    @classmethod
    def detect(cls, root: Path) -> bool:
        if (root / ".imap").is_dir():
            return True
        return any((root / name).is_file() for name in ("inbox", "mbox"))

    def key(self, path: MailboxPath) -> str:
        return os.path.realpath(self._list.names.file(path))

    async def open(self, path: MailboxPath) -> MboxBox:
        return await in_thread("open a mailbox", partial(self._open, path))

    def _open(self, path: MailboxPath) -> MboxBox:
        names = self._list.names
        file = names.file(path)
        if not os.path.isfile(file):
            raise Refused("NONEXISTENT", "Mailbox doesn't exist", file)
        box = MboxBox(
            path,
            file,
            names.control(path),
            names.uid_validity,
            settings=self.settings,
            plan=self._plan,
            sync=self._sync,
        )
        hint = read_hint(names.index(path))
        box.fallback = hint.uid_validity
        box.untold.append(changing.rescan(box))
        if hint.uid_validity == box.uid_validity:
            box.guid = hint.guid
        if not box.guid:
            # Until an index keeps one: the same in every process, and after a rename.
            text = f"{os.path.realpath(self.location.path)}\0{box.uid_validity}"
            data = text.encode("utf-8", "surrogateescape")
            box.guid = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return box

    async def rescan(self, box: OpenBox) -> Found:
        box = _ours(box)
        if box.is_known():
            return _told(box, Found())
        return await self._find(box, "look at", partial(changing.rescan, box))

    async def _do(self, box: MboxBox, doing: str, work: Callable[[], T]) -> T:
        async with box.lock:
            return await in_thread(f"{doing} {box.file}", work)

    async def _find(self, box: MboxBox, doing: str, work: Callable[[], Found]) -> Found:
        return _told(box, await self._do(box, doing, work))

    async def save(self, box: OpenBox, mails: Sequence[NewMail]) -> tuple[Sequence[Saved], Found]:
        box = _ours(box)
        crlf = self.context.save_crlf
        drafts = await in_thread("read", lambda: [draft(mail, crlf=crlf) for mail in mails])
        entry = Pending(drafts)
        waiting = box.pending
        waiting.append(entry)
        found = Found()
        try:
            async with box.lock:
                if entry.saved is None and entry.error is None:
                    batch, waiting[:] = list(waiting), []
                    found = await in_thread("save", partial(commit_all, box, batch))
                    found = _told(box, found)
        except trio.Cancelled:
            if entry in waiting:  # nobody has taken it: it never happened
                waiting.remove(entry)
            raise
        if entry.error is not None:
            raise entry.error
        assert entry.saved is not None
        return entry.saved, found

    async def read(self, box: OpenBox, uids: Sequence[int]) -> AsyncIterator[Bodies]:
        box = _ours(box)
        for batch in batches(box, uids):
            yield await self._do(box, "read mails of", partial(read_batch, box, batch))

    async def write_flags(self, box: OpenBox, uids: UidSet, change: FlagChange) -> Found:
        box = _ours(box)
        work = partial(changing.write_flags, box, uids, change)
        return await self._find(box, "change flags in", work)

    async def remove(self, box: OpenBox, uids: UidSet) -> Found:
        box = _ours(box)
        return await self._find(box, "expunge in", partial(changing.remove, box, uids))

    async def claim_recent(self, box: OpenBox) -> UidSet:
        box = _ours(box)
        if not box.recent:
            return UidSet()
        return await self._do(box, "claim in", partial(changing.claim, box))

    async def stat(self, box: OpenBox, uids: Sequence[int]) -> Stats:
        box = _ours(box)
        await trio.lowlevel.checkpoint()
        entries = [box.by_uid.get(uid) for uid in uids]
        received = np.array([-1 if e is None else e.received for e in entries], np.int64)
        changed = np.array([-1 if e is None else box.changed for e in entries], np.int64)
        # An mbox doesn't say when a mail came into it; the From line is the nearest.
        return Stats(received, received.copy(), changed)

    def guids(self, box: OpenBox, uids: Sequence[int]) -> list[str]:
        found = _ours(box).by_uid
        return [found[uid].guid if uid in found else "" for uid in uids]

    def link(self, box: OpenBox, uid: int) -> Link | None:
        box = _ours(box)
        return MboxLink(box, uid) if uid in box.by_uid else None

    def watch_paths(self, box: OpenBox) -> Sequence[Path]:
        return [Path(_ours(box).file)]


def _ours(box: OpenBox) -> MboxBox:
    assert isinstance(box, MboxBox)
    return box


def _told(box: MboxBox, found: Found) -> Found:
    """What a read found out by the way comes before what was found now."""
    untold, box.untold = box.untold, []
    for earlier in reversed(untold):
        found = merge(earlier, found)
    return found
