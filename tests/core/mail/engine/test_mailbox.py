"""What the engine adds to a format: waiting, bounded batches, seen, events, read-only views."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
import trio.testing

from culver.bus import Bus
from culver.errors import Refused
from culver.mail.changes import FlagChange
from culver.mail.columns import Wanted
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.flags import DELETED, RECENT, SEEN
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet
from culver.testing.storage import Store, mail, rows
from culver_events.record import Record
from culver_events.registry import default_registry
from culver_events.scope import Scope
from culver_plugins.maildir.format import MaildirFormat


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    made = Store(MaildirFormat, tmp_path / "mail")
    await made.create(INBOX, ("Other",))
    return made


async def test_waiting_ends_when_another_session_changes_something(store: Store) -> None:
    one, two = await store.open(), await store.open()
    view = await two.open_view(read_only=True)
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(two.wait, view)
            await one.append([mail(1)])
    assert (await two.sync(view)).appeared == 1


async def test_waiting_ends_when_another_program_delivers(store: Store) -> None:
    box = await store.open()
    view = await box.open_view(read_only=True)
    with trio.fail_after(20):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(box.wait, view)
            await trio.testing.wait_all_tasks_blocked(0.01)
            (store.root / "new" / "1.a").write_bytes(b"a: b\n\n")
    assert (await box.sync(view)).appeared == 1


async def test_waiting_goes_on_after_own_changes(store: Store) -> None:
    box = await store.open()
    await box.append([mail(1)])
    view = await box.open_view(read_only=False)
    with trio.move_on_after(0.2) as scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(box.wait, view)
            await box.store(view, UidSet([1]), FlagChange(mode="add", flags=SEEN))
    assert scope.cancelled_caught


async def test_bodies_come_in_bounded_batches(store: Store) -> None:
    box = await store.open()
    await box.append([NewMail(body=b"a: b\n\n" + b"x" * 200_000) for _ in range(6)])
    view = await box.open_view(read_only=True)
    batches = await rows(box, view, Wanted(bodies=True))
    assert [len(batch.uids) for batch in batches] == [2, 2, 2]


async def test_fetching_sets_seen(store: Store) -> None:
    one, two = await store.open(), await store.open()
    await one.append([mail(1), mail(2)])
    first, second = await one.open_view(read_only=False), await two.open_view(read_only=True)
    (batch,) = await rows(one, first, Wanted(bodies=True, seen=True))
    assert (batch.flags.tolist(), batch.flags_changed) == ([SEEN, SEEN], True)
    (batch,) = await rows(one, first, Wanted(bodies=True, seen=True))
    assert not batch.flags_changed
    assert list((await two.sync(second)).flags) == [1, 2]


async def test_cached_columns_are_computed_once(store: Store) -> None:
    box = await store.open()
    await box.append([mail(1)])
    view = await box.open_view(read_only=True)
    wanted = Wanted(cached=("imap.envelope", "hdr.subject", "hdr.x-none"))
    (first,) = await rows(box, view, wanted)
    assert first.cached["hdr.subject"] == [b"Subject: mail 1\r\n"]
    assert first.cached["hdr.x-none"] == [b""]
    for path in (store.root / "new").iterdir():
        path.write_bytes(b"Subject: changed\n\n")
    (second,) = await rows(box, view, wanted)
    assert second.cached == first.cached


async def test_a_read_only_view_changes_nothing(store: Store) -> None:
    box = await store.open()
    await box.append([mail(1)])
    view = await box.open_view(read_only=True)
    assert list(view.recent) == [1]
    with pytest.raises(Refused):
        await box.store(view, UidSet([1]), FlagChange(mode="add", flags=SEEN))
    with pytest.raises(Refused):
        await box.expunge(view, None)
    with pytest.raises(Refused):
        await box.move(view, UidSet([1]), box)
    (batch,) = await rows(box, view, Wanted(seen=True))
    assert batch.flags.tolist() == [0]
    assert list((await box.open_view(read_only=False)).recent) == [1]


async def test_status_counts(store: Store) -> None:
    box = await store.open()
    await box.append([NewMail(body=b"x\n", flags=SEEN), NewMail(body=b"y", flags=DELETED), mail(1)])
    status = await box.status(size=True)
    assert (status.messages, status.recent, status.unseen, status.deleted) == (3, 3, 2, 1)
    assert (status.first_unseen_uid, status.uid_next) == (2, 4)
    assert status.size == 3 + mail(1).size + 1
    assert (await box.status()).size == -1


async def test_recent_cannot_be_stored(store: Store) -> None:
    box = await store.open()
    await box.append([mail(1)])
    view = await box.open_view(read_only=False)
    await box.store(view, UidSet([1]), FlagChange(mode="replace", flags=RECENT | SEEN))
    (batch,) = await rows(box, view)
    assert batch.flags.tolist() == [SEEN]


async def test_events(store: Store) -> None:
    heard: list[Record] = []
    bus = Bus(default_registry())
    bus.subscribe(heard.append)
    plain, other = await store.open(), await store.open(("Other",))
    box = EngineMailbox("INBOX", plain.shared, Scope(emitter=bus, mailbox="INBOX"))
    await box.append([mail(1)])
    view = await box.open_view(read_only=False)
    await box.store(view, UidSet([1]), FlagChange(mode="add", flags=SEEN, keywords=("k",)))
    await box.store(view, UidSet([1]), FlagChange(mode="add", flags=SEEN))
    await box.move(view, UidSet([1]), other)
    assert [record.name for record in heard] == [
        "mail_appended",
        "mail_flags_changed",
        "mail_copied",
        "mail_expunged",
    ]
    assert heard[0].get("message_id") == "<1@test>"
    assert heard[1].get("added") == ["\\Seen", "k"]
    assert (heard[2].get("mailbox"), heard[2].get("source_mailbox")) == ("Other", "INBOX")
