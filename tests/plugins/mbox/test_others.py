"""What other programs do to an mbox while we have it open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from culver.errors import Refused, Unavailable
from culver.mail import flags as f
from culver.mail.changes import FlagChange
from culver.mail.columns import Wanted
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.location import MailLocation
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver.mail.view import View
from culver.testing.storage import Defaults, Store, mail, rows
from culver_events.scope import Scope
from culver_plugins.mbox.format import MboxFormat
from culver_plugins.mbox.settings import MboxSettings

LINE = b"From x@y Thu Nov 29 22:33:52 2001\n"


def foreign(number: int, header: bytes = b"") -> bytes:
    return LINE + header + b"Subject: foreign %d\n\nbody %d\n\n" % (number, number)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(MboxFormat, tmp_path)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


async def start(store: Store, count: int = 3) -> tuple[EngineMailbox, View]:
    """A mailbox with mails, open."""
    await store.create(INBOX)
    box = await store.open()
    await box.append([mail(number) for number in range(count)])
    return box, await box.open_view(read_only=False)


def read(path: Path) -> bytes:
    return path.read_bytes()


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def append(path: Path, data: bytes) -> None:
    with open(path, "ab") as file:
        file.write(data)


async def bodies(box: EngineMailbox, view: View) -> list[bytes]:
    batches = await rows(box, view, Wanted(bodies=True))
    return [body[:] for batch in batches for body in batch.bodies]


async def test_an_appended_mail_is_seen(store: Store, inbox: Path) -> None:
    box, view = await start(store)
    append(inbox, foreign(1) + foreign(2))
    assert (await box.sync(view)).appeared == 2
    assert view.uids.tolist() == [1, 2, 3, 4, 5]
    assert (await bodies(box, view))[3] == b"Subject: foreign 1\n\nbody 1\n"
    assert b"X-UID: 5\n" in read(inbox)
    assert (await box.append([mail(9)]))[0].uid == 6


async def test_the_first_mail_of_an_empty_mailbox(store: Store, inbox: Path) -> None:
    """Its X-IMAPbase is not believed: the pseudo message is before it."""
    await store.create(INBOX)
    box = await store.open()
    assert b"FOLDER INTERNAL DATA" in read(inbox)
    validity = (await box.status()).uid_validity
    append(inbox, foreign(1, b"X-IMAPbase: 7 0000099999\nX-UID: 99999\n"))
    view = await box.open_view(read_only=True)
    assert view.uids.tolist() == [1]
    assert (await box.status()).uid_validity == validity


@pytest.mark.parametrize("uid", [b"1", b"2", b"3", b"5", b"77", b"4294967294", b"99999999999"])
async def test_a_forged_uid_is_ignored(store: Store, inbox: Path, uid: bytes) -> None:
    box, view = await start(store)
    append(inbox, foreign(1, b"X-UID: " + uid + b"\nStatus: RO\n"))
    assert (await box.sync(view)).appeared == 1
    assert view.uids.tolist() == [1, 2, 3, 4]
    assert (await box.status()).uid_next == 5


async def test_an_expunged_uid_does_not_come_back(store: Store, inbox: Path) -> None:
    box, view = await start(store)
    await box.store(view, UidSet([3]), FlagChange(mode="add", flags=f.DELETED))
    await box.expunge(view, None)
    await box.sync(view)
    append(inbox, foreign(1, b"X-UID: 3\n"))
    assert (await box.sync(view)).appeared == 1
    assert view.uids.tolist() == [1, 2, 4]


async def test_flags_changed_in_place(store: Store, inbox: Path) -> None:
    box, view = await start(store)
    append(inbox, foreign(1))
    await box.sync(view)
    data = read(inbox)
    old, new = b"X-UID: 2\nStatus: O\nX-Keywords:  ", b"X-UID: 2\nStatus: RO\nX-Keywords: "
    write(inbox, data.replace(old, new))
    assert len(read(inbox)) == len(data)
    assert list((await box.sync(view)).flags) == [2]
    (batch,) = await rows(box, view)
    assert batch.flags.tolist() == [0, f.SEEN, 0, 0]


async def test_a_mail_is_taken_out(store: Store, inbox: Path) -> None:
    """As a mail program does that rewrites the whole file."""
    box, view = await start(store)
    data = read(inbox)
    cut = data.index(b"From ", data.index(b"mail 0"))
    end = data.index(b"From ", data.index(b"mail 1"))
    write(inbox.parent / "new", data[:cut] + data[end:])
    os.rename(inbox.parent / "new", inbox)
    assert (await box.sync(view)).expunged_seqs.tolist() == [2]
    assert view.uids.tolist() == [1, 3]
    assert [body.split(b"\n")[0] for body in await bodies(box, view)] == [
        b"Subject: mail 0",
        b"Subject: mail 2",
    ]


async def test_the_first_mail_with_the_base_is_taken_out(store: Store, inbox: Path) -> None:
    box, view = await start(store)
    validity = (await box.status()).uid_validity
    data = read(inbox)
    write(inbox, data[data.index(b"From ", data.index(b"mail 0")) :])
    await box.sync(view)
    assert view.uids.tolist() == [2, 3]
    assert (await box.status()).uid_validity == validity
    assert b"X-IMAPbase: %d 0000000003" % validity in read(inbox)
    assert (await box.append([mail(9)]))[0].uid == 4


@pytest.mark.parametrize("share", range(0, 100, 7))
async def test_truncated(store: Store, inbox: Path, share: int) -> None:
    """At any place: what is left is shown, UIDs go on."""
    box, view = await start(store)
    os.truncate(inbox, len(read(inbox)) * share // 100)
    await box.sync(view)
    assert (await box.append([mail(9)]))[0].uid > max(view.uids.tolist(), default=0)
    assert (await box.status()).uid_next >= 5


@pytest.mark.parametrize("size", [1, 4, 5, 20])
async def test_truncated_within_the_first_line(store: Store, inbox: Path, size: int) -> None:
    box, view = await start(store)
    os.truncate(inbox, size)
    with pytest.raises(Unavailable) as error:
        await box.sync(view)
    assert error.value.code == "CORRUPTION"


async def test_deleted_and_made_again(store: Store, inbox: Path) -> None:
    box, _ = await start(store)
    validity = (await box.status()).uid_validity
    os.unlink(inbox)
    with pytest.raises(Refused, match="inbox") as error:
        await box.status()
    assert error.value.code == "NONEXISTENT"
    await store.create(INBOX)
    again = await store.open()
    status = await again.status()
    assert status.messages == 0
    assert (status.uid_validity, status.uid_next) >= (validity, 4), "UIDs would be used again"


async def test_what_is_no_mbox(store: Store, inbox: Path) -> None:
    await store.create(INBOX)
    write(inbox, b"#!/bin/sh\necho not a mailbox\n")
    with pytest.raises(Unavailable, match="offset 0: no From line") as error:
        await store.open()
    assert error.value.code == "CORRUPTION"
    assert read(inbox) == b"#!/bin/sh\necho not a mailbox\n"


async def test_metadata_of_a_sender_is_dropped(store: Store) -> None:
    box, _ = await start(store, 0)
    header = b"X-UID: 9\nStatus: RO\nX-IMAPbase: 1 0000000009\nContent-Length: 3\nX-Keywords: a\n"
    text = header + b"From x@y Thu Nov 29 22:33:52 2001\nSubject: x\n\nFrom a to b\n" + LINE + b"z"
    (saved,) = await box.append([NewMail(body=text)])
    view = await box.open_view(read_only=True)
    assert saved.uid == 1
    assert await bodies(box, view) == [b"Subject: x\n\nFrom a to b\n" + LINE + b"z\n"]
    (batch,) = await rows(box, view)
    assert (batch.flags.tolist(), batch.keywords or [()]) == ([0], [()])


async def test_appending_to_a_file_without_a_last_newline(store: Store, inbox: Path) -> None:
    box, view = await start(store, 1)
    append(inbox, LINE + b"Subject: cut\n\nno newline")
    await box.sync(view)
    await box.append([mail(2)])
    await box.sync(view)
    found = await bodies(box, view)
    assert found[1:] == [b"Subject: cut\n\nno newline", found[2]]
    assert len(found) == 3


async def test_keywords_that_do_not_fit(store: Store) -> None:
    box, view = await start(store, 1)
    for first in (0, 32):
        names = tuple(f"kw{first + n}" for n in range(32))
        await box.store(view, UidSet([1]), FlagChange(mode="add", keywords=names))
    with pytest.raises(Refused) as error:
        await box.store(view, UidSet([1]), FlagChange(mode="add", keywords=("one_more",)))
    assert error.value.code == "LIMIT"
    (batch,) = await rows(box, view)
    assert len(batch.keywords[0]) == 64
    assert not any(name == "one_more" for name in batch.keywords[0])


@pytest.mark.parametrize("crlf", [False, True])
async def test_line_ends_of_the_settings(tmp_path: Path, crlf: bool) -> None:
    location = MailLocation(driver="mbox", path=str(tmp_path))
    context = StorageContext(
        user="alice", home=None, scope=Scope(), config=Defaults(), save_crlf=crlf, fsync="never"
    )
    format = MboxFormat(location, context)
    await format.mailboxes.create(INBOX)
    box = await format.open(INBOX)
    await format.save(box, [NewMail(body=b"a: b\r\n\nc\nd\r\n")])
    (got,) = [bodies async for bodies in format.read(box, [1])]
    assert got.bodies == ((b"a: b\r\n\r\nc\r\nd\r\n" if crlf else b"a: b\n\nc\nd\n"),)
    again = await format.open(INBOX)
    (got,) = [bodies async for bodies in format.read(again, [1])]
    assert got.bodies[0][:].count(b"\r\n") == (4 if crlf else 0)


@pytest.mark.parametrize("very", [False, True])
async def test_dirty_syncs_put_old_mails_off(tmp_path: Path, very: bool) -> None:
    """With mbox_very_dirty_syncs known mails are looked at only when the mailbox is opened."""

    class Config:
        def get(self, cls: type) -> object:
            return MboxSettings(very_dirty_syncs=very) if cls is MboxSettings else cls()

    location = MailLocation(driver="mbox", path=str(tmp_path))
    context = StorageContext(user="a", home=None, scope=Scope(), config=Config())  # type: ignore[arg-type]
    format = MboxFormat(location, context)
    await format.mailboxes.create(INBOX)
    box = await format.open(INBOX)
    await format.save(box, [mail(n) for n in range(3)])
    inbox = tmp_path / "inbox"
    old, new = b"X-UID: 2\nStatus: \nX-Keywords: ", b"X-UID: 2\nStatus: R\nX-Keywords:"
    changed = read(inbox).replace(old, new)
    box.look_cost = 0  # so that a full look is affordable whatever the machine is doing
    write(inbox, changed + foreign(1))
    found = await format.rescan(box)
    assert found.appeared.uids.tolist() == [4]
    assert found.changed.uids.tolist() == ([] if very else [2])
    again = await format.open(INBOX)
    assert (await format.rescan(again)).appeared.flags.tolist() == [0, f.SEEN, 0, 0]
