"""Formats whose flags live only in the index: a small one, under the conformance suite."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing

from culver.errors import Refused
from culver.index.engine import MailboxIndex
from culver.mail.changes import FlagChange
from culver.mail.columns import Wanted
from culver.mail.engine.flagwrites import Uids
from culver.mail.engine.indexed import IndexedFormat, commit_expunge, index_of
from culver.mail.engine.openindex import index_settings, open_index
from culver.mail.engine.threads import in_thread
from culver.mail.flags import DELETED, FLAGGED, SEEN
from culver.mail.location import MailLocation
from culver.mail.newmail import Link, NewMail, Saved
from culver.mail.storage import (
    INBOX,
    Bodies,
    Found,
    ListedBox,
    MailboxList,
    MailboxPath,
    OpenBox,
    Stats,
)
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver.testing.storage import CHECKS, Check, Store, mail, processes_share_a_mailbox


class PlainBox(OpenBox):
    def __init__(self, path: MailboxPath, directory: str) -> None:
        self.path, self.key, self.directory = path, directory, directory
        self.guid = "0" * 32


class PlainList(MailboxList):
    separator = "/"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.subscribed: set[MailboxPath] = set()

    def place(self, path: MailboxPath) -> str:
        return str(self.root / "+".join(path))

    async def walk(self) -> Sequence[ListedBox]:
        return [ListedBox(tuple(name.split("+"))) for name in os.listdir(self.root)]

    async def exists(self, path: MailboxPath) -> bool:
        return any(box.path == path for box in await self.walk())

    async def create(self, path: MailboxPath, *, directory: bool = False) -> None:
        os.makedirs(self.place(path))

    async def delete(self, path: MailboxPath) -> None:
        shutil.rmtree(self.place(path))

    async def rename(self, old: MailboxPath, new: MailboxPath) -> None:
        for box in await self.walk():
            if box.path[: len(old)] == old:
                os.rename(self.place(box.path), self.place(new + box.path[len(old) :]))

    async def subscriptions(self) -> frozenset[MailboxPath]:
        return frozenset(self.subscribed)

    async def subscribe(self, path: MailboxPath, subscribed: bool) -> None:
        (self.subscribed.add if subscribed else self.subscribed.discard)(path)


class PlainFormat(IndexedFormat):
    """A file per mail named after its UID; the date is the mtime, the GUID an attribute of it."""

    name = "plain"

    def __init__(self, location: MailLocation, context: StorageContext) -> None:
        super().__init__(location, context)
        self.mailboxes = self._list = PlainList(Path(self.location.path))

    def key(self, path: MailboxPath) -> str:
        return self._list.place(path)

    async def open(self, path: MailboxPath) -> PlainBox:
        return await in_thread("open", partial(self._open, path))

    def _open(self, path: MailboxPath) -> PlainBox:
        directory = self._list.place(path)
        if not os.path.isdir(directory):
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")
        box = PlainBox(path, directory)
        box.index = open_index(
            self.context,
            directory,
            index_settings(self.context),
            lambda: 1234,
            partial(self._rebuild, directory),
        )
        box.uid_validity = box.index.files.state.header.uid_validity
        return box

    def _rebuild(self, directory: str, files: MailboxIndex) -> None:
        with files.lock():
            names = [name for name in os.listdir(directory) if name.startswith("u.")]
            uids = np.array(sorted(int(name[2:].split(".")[0]) for name in names), np.uint32)
            new = uids[~files.state.rows_of(uids)[1]] if len(uids) else uids
            transaction = files.begin()
            if len(new):
                transaction.append(np.zeros(len(new), np.uint8), uids=new)
            transaction.commit()

    async def save(self, box: OpenBox, mails: Sequence[NewMail]) -> tuple[Sequence[Saved], Found]:
        return await index_of(box).run(partial(self._save, box, mails), "save"), Found()

    def _save(self, box: OpenBox, mails: Sequence[NewMail]) -> list[Saved]:
        index, saved = index_of(box), list[Saved]()
        with index.changing() as files:
            transaction = files.begin()
            for uid, new in enumerate(mails, files.state.header.next_uid):
                path = self._path(box, uid)
                Path(path).write_bytes(new.content()[:])
                if new.received is not None:
                    os.utime(path, (new.received, new.received))
                guid = new.guid or f"{box.key}-{uid}"
                Path(f"{path}.guid".replace("/u.", "/guid.")).write_text(guid)
                transaction.append(new.flags, keywords=new.keywords)
                saved.append(Saved(box.uid_validity, uid, guid))
            assert transaction.commit().uids.tolist() == [one.uid for one in saved]
        return saved

    def _path(self, box: OpenBox, uid: int) -> str:
        return f"{box.key}/u.{uid}"

    def expunge(self, box: OpenBox, files: MailboxIndex, uids: Uids) -> None:
        commit_expunge(files, uids)
        for uid in uids.tolist():
            os.unlink(self._path(box, uid))

    async def read(self, box: OpenBox, uids: Sequence[int]) -> AsyncIterator[Bodies]:
        yield self._bodies(box, uids)

    def _bodies(self, box: OpenBox, uids: Sequence[int]) -> Bodies:
        there = tuple(uid for uid in uids if os.path.exists(self._path(box, uid)))
        bodies = tuple(Path(self._path(box, uid)).read_bytes() for uid in there)
        return Bodies(there, bodies, tuple(set(uids) - set(there)))

    async def stat(self, box: OpenBox, uids: Sequence[int]) -> Stats:
        times = np.array([int(os.stat(self._path(box, uid)).st_mtime) for uid in uids], np.int64)
        return Stats(times, times, times)

    def guids(self, box: OpenBox, uids: Sequence[int]) -> list[str]:
        return [Path(f"{box.key}/guid.{uid}.guid").read_text() for uid in uids]

    def link(self, box: OpenBox, uid: int) -> Link | None:
        return PlainLink(self._path(box, uid))


class PlainLink(Link):
    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def size(self) -> int:
        return os.stat(self.path).st_size

    def read(self) -> bytes:
        return Path(self.path).read_bytes()


@pytest.mark.parametrize("check", [c for c in CHECKS if c is not processes_share_a_mailbox])
async def test_conformance(check: Check, tmp_path: Path) -> None:
    await check(Store(PlainFormat, tmp_path / "mail"))


async def test_changes_of_another_process_are_seen_and_requests_are_done(tmp_path: Path) -> None:
    store = Store(PlainFormat, tmp_path / "mail")
    await store.create(INBOX)
    box = await store.open()
    await box.append([mail(1), mail(2), mail(3)])
    view = await box.open_view(read_only=False)
    other = MailboxIndex(tmp_path / "mail" / "INBOX")
    other.open()
    asked = other.begin(external=False)
    asked.update_flags([1], add=SEEN)
    asked.expunge([3])
    asked.commit()
    changes = await box.sync(view)
    assert (list(changes.flags), changes.expunged_seqs.tolist()) == ([1], [3])
    other.refresh()
    assert other.requests == []
    assert other.state.modseq == changes.highest_modseq
    assert "u.3" not in os.listdir(tmp_path / "mail" / "INBOX")


async def test_own_changes_are_hidden_and_others_are_told(tmp_path: Path) -> None:
    store = Store(PlainFormat, tmp_path / "mail")
    await store.create(INBOX)
    box = await store.open()
    await box.append([mail(1), mail(2)])
    view = await box.open_view(read_only=False)
    other = MailboxIndex(tmp_path / "mail" / "INBOX")
    other.open()
    theirs = other.begin()
    theirs.update_flags([2], add=FLAGGED)
    theirs.commit()
    stored = await box.store(view, UidSet([1, 2]), FlagChange(mode="add", flags=DELETED))
    assert list(stored.changed) == [1, 2]
    assert list((await box.sync(view)).flags) == [2]


async def test_more_than_64_keywords(tmp_path: Path) -> None:
    store = Store(PlainFormat, tmp_path / "mail")
    await store.create(INBOX)
    box = await store.open()
    names = tuple(f"k{n}" for n in range(100))
    await box.append([NewMail(body=b"a: b\n\n", keywords=names)])
    view = await box.open_view(read_only=False)
    await box.store(view, UidSet([1]), FlagChange(mode="replace", keywords=("k99", "K7")))
    (batch,) = [b async for b in box.fetch(view, UidSet([1]), Wanted())]
    assert batch.keywords == [("k7", "k99")]


@pytest.mark.parametrize("broken", ["dovecot.index.log", "dovecot.index"])
async def test_broken_files_are_made_whole_while_the_session_goes_on(
    tmp_path: Path, broken: str
) -> None:
    store = Store(PlainFormat, tmp_path / "mail")
    await store.create(INBOX)
    box = await store.open()
    await box.append([mail(1), mail(2)])
    view = await box.open_view(read_only=False)
    path = tmp_path / "mail" / "INBOX" / broken
    path.write_bytes(b"\xff" * 500)
    await box.append([mail(3)])
    await box.sync(view)
    assert view.uids.tolist() == [1, 2, 3]
    await box.close()
    del box, view
    again = await store.reopened().open()
    assert (await again.status()).messages == 3


async def test_an_idle_session_is_told_through_the_log(tmp_path: Path) -> None:
    store = Store(PlainFormat, tmp_path / "mail")
    await store.create(INBOX)
    box = await store.open()
    await box.append([mail(1)])
    view = await box.open_view(read_only=False)
    other = MailboxIndex(tmp_path / "mail" / "INBOX")
    other.open()
    for flag in (SEEN, FLAGGED):  # the second into a log that was rotated while it was watched
        done = trio.Event()

        async def wait(done: trio.Event) -> None:
            await box.wait(view)
            done.set()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait, done)
            await trio.testing.wait_all_tasks_blocked()
            with other.lock():
                other.rotate()
            await trio.testing.wait_all_tasks_blocked()
            theirs = other.begin()
            theirs.update_flags([1], add=flag)
            theirs.commit()
            with trio.fail_after(5):
                await done.wait()
        assert list((await box.sync(view)).flags) == [1]
