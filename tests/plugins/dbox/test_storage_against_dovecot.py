"""Purge, alternative storage and rebuild: what one server does, the other goes on with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.plugins.dbox.dovecot import FORMATS, Dovecot, everything, opened, same

from culver.mail import flags as f
from culver.mail.changes import FlagChange
from culver.mail.location import parse_location
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet
from culver_plugins.mdbox.deleted import MdboxDeletedFormat
from culver_plugins.mdbox.format import MdboxFormat

pytestmark = pytest.mark.interop

Make = Callable[..., Dovecot]


def numbered(count: int) -> list[NewMail]:
    return [NewMail(body=b"Subject: %d\n\nbody %d\n" % (n, n)) for n in range(count)]


def files_of(dovecot: Dovecot, pattern: str = "storage/m.*") -> list[str]:
    return sorted(path.name for path in dovecot.mail.glob(pattern))


def mdbox(dovecot: Dovecot) -> MdboxFormat:
    format = dovecot.format()
    assert isinstance(format, MdboxFormat)
    return format


async def test_copies_are_references(make_dovecot: Make) -> None:
    dovecot = make_dovecot("mdbox")
    format = mdbox(dovecot)
    await format.mailboxes.create(INBOX)
    await format.mailboxes.create(("Other",))
    box, other = await opened(format), await opened(format, ("Other",))
    await box.append(numbered(2))
    view = await box.open_view(read_only=False)
    await box.copy(view, UidSet([1, 2]), other)
    await box.copy(view, UidSet([1]), other)
    dovecot("copy", "Other", "mailbox", "INBOX", "uid", "2")
    assert format.storage.map.columns().refs.tolist() == [3, 3]
    assert (dovecot.mail / "storage/m.1").stat().st_size < 400
    dovecot("expunge", "mailbox", "Other", "uid", "1")
    there = await other.open_view(read_only=False)
    await other.expunge(there, UidSet([]))
    await other.store(there, UidSet([2]), FlagChange(mode="add", flags=f.DELETED))
    await other.expunge(there, None)
    assert format.storage.map.columns().refs.tolist() == [2, 2]
    assert await same(dovecot, other, "Other") == [3, 4]


async def test_our_purge(make_dovecot: Make) -> None:
    dovecot = make_dovecot("mdbox")
    format = mdbox(dovecot)
    await format.mailboxes.create(INBOX)
    box = await opened(format)
    await box.append(numbered(5))
    view = await box.open_view(read_only=False)
    await box.store(view, UidSet([2, 4]), FlagChange(mode="add", flags=f.DELETED))
    await box.expunge(view, None)
    before = (await everything(box)).bodies
    done = await format.purge()
    assert (done.files, done.mails, done.moved, done.skipped) == (1, 2, 3, 0)
    assert files_of(dovecot) == ["m.2"]
    assert (await everything(box)).bodies == before
    assert await same(dovecot, box) == [1, 3, 5]
    dovecot("expunge", "mailbox", "INBOX", "uid", "1,3,5")
    assert (await format.purge()).mails == 3
    assert files_of(dovecot) == []
    dovecot("purge")
    dovecot("save", "-m", "INBOX", stdin=b"a: b\n\n")
    assert await same(dovecot, box) == [6]


async def test_their_purge_while_we_have_it_open(make_dovecot: Make) -> None:
    dovecot = make_dovecot("mdbox")
    format = mdbox(dovecot)
    await format.mailboxes.create(INBOX)
    box = await opened(format)
    await box.append(numbered(5))
    view = await box.open_view(read_only=False)
    before = (await everything(box)).bodies
    dovecot("expunge", "mailbox", "INBOX", "uid", "3")
    dovecot("purge")
    assert files_of(dovecot) == ["m.2"]
    assert (await everything(box)).bodies == before[:2] + before[3:]
    await box.append(numbered(1))
    await box.sync(view)
    assert await same(dovecot, box) == [1, 2, 4, 5, 6]


async def test_rotation(make_dovecot: Make) -> None:
    dovecot = make_dovecot("mdbox", settings="mdbox_rotate_size = 2k")
    format = mdbox(dovecot)
    format.storage.rotate_size = 2048
    await format.mailboxes.create(INBOX)
    box = await opened(format)
    for _ in range(4):
        await box.append([NewMail(body=b"a: b\n\n" + b"x" * 900)])
    await box.append([NewMail(body=b"a: b\n\n" + b"x" * 9000)])
    assert files_of(dovecot) == ["m.1", "m.2", "m.3"]
    dovecot("save", "-m", "INBOX", stdin=b"a: b\n\n" + b"x" * 900)
    assert await same(dovecot, box) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("name", sorted(FORMATS))
async def test_altmove(make_dovecot: Make, name: str) -> None:
    dovecot = make_dovecot(name, ":ALT={root}/alt")
    format = dovecot.format()
    await format.mailboxes.create(INBOX)
    box = await opened(format)
    await box.append(numbered(4))
    shared = box.shared.box
    assert list(await format.altmove(shared, UidSet([1, 2, 9]))) == [1, 2]
    alt = sorted(p.name for p in (dovecot.root / "alt").rglob("[um].*"))
    assert alt == (["u.1", "u.2"] if name == "sdbox" else alt)
    assert len(alt) == (2 if name == "sdbox" else 1)
    assert await same(dovecot, box) == [1, 2, 3, 4]
    dovecot("altmove", "mailbox", "INBOX", "uid", "3")
    assert await same(dovecot, box) == [1, 2, 3, 4]
    dovecot("altmove", "-r", "mailbox", "INBOX", "uid", "1")
    assert {2, 3} <= set(await format.altmove(shared, UidSet([1, 2, 3]), to_alt=False))
    assert not list((dovecot.root / "alt").rglob("[um].*"))
    assert await same(dovecot, box) == [1, 2, 3, 4]
    dovecot("force-resync", "INBOX", quiet=False)
    assert await same(dovecot, await opened(dovecot.format())) == [1, 2, 3, 4]


async def test_force_resync_finds_nothing_wrong(dovecot: Dovecot) -> None:
    format = dovecot.format()
    await format.mailboxes.create(INBOX)
    await format.mailboxes.create(("Other",))
    box, other = await opened(format), await opened(format, ("Other",))
    await box.append(numbered(3))
    view = await box.open_view(read_only=False)
    await box.copy(view, UidSet([1, 2]), other)
    await box.move(view, UidSet([3]), other)
    keep = FlagChange(mode="add", flags=f.SEEN, keywords=("kept",))
    await box.store(view, UidSet([1]), keep)
    del box, other, view
    dovecot("force-resync", "*", quiet=False)
    assert not [line for line in dovecot.complaints if "Error" in line]
    format = dovecot.format()
    assert await same(dovecot, await opened(format)) == [1, 2]
    assert await same(dovecot, await opened(format, ("Other",)), "Other") == [1, 2, 3]
    batch = await everything(await opened(format))
    assert (batch.flags.tolist(), batch.keywords) == ([f.SEEN, 0], [("kept",), ()])


async def test_a_lost_map(make_dovecot: Make) -> None:
    dovecot = make_dovecot("mdbox")
    for number in range(3):
        dovecot("save", "-m", "INBOX", stdin=b"Subject: %d\n\n" % number)
    dovecot("mailbox", "create", "Other")
    dovecot("copy", "Other", "mailbox", "INBOX", "uid", "1:2")
    dovecot("expunge", "mailbox", "INBOX", "uid", "3")
    for path in dovecot.mail.glob("storage/dovecot.map.index*"):
        path.unlink()
    format = mdbox(dovecot)
    await format.rebuild()
    box = await opened(format)
    # What was expunged and not purged is nowhere known as such any more, so it comes back.
    assert await same(dovecot, box) == [1, 2, 4]
    assert await same(dovecot, await opened(format, ("Other",)), "Other") == [1, 2]
    assert format.storage.map.columns().refs.tolist() == [2, 2, 1]
    await box.append(numbered(1))
    assert await same(dovecot, box) == [1, 2, 4, 5]


async def test_a_lost_mailbox_index(dovecot: Dovecot) -> None:
    dovecot("mailbox", "create", "Other")
    for number in range(3):
        dovecot("save", "-m", "Other" if number else "INBOX", stdin=b"Subject: %d\n\n" % number)
    directory = dovecot.mail / "mailboxes/Other/dbox-Mails"
    for path in directory.glob("dovecot.index*"):
        path.unlink()
    format = dovecot.format()
    box = await opened(format, ("Other",))
    assert await same(dovecot, box, "Other") == [1, 2]
    assert (await everything(box)).bodies == [b"Subject: 1\n\n", b"Subject: 2\n\n"]
    assert await same(dovecot, await opened(format)) == [1]


async def test_a_torn_write_at_the_end_of_a_file(make_dovecot: Make) -> None:
    dovecot = make_dovecot("mdbox")
    dovecot("save", "-m", "INBOX", stdin=b"Subject: 1\n\n")
    path = dovecot.mail / "storage/m.1"
    path.write_bytes(path.read_bytes() + b"\x01\x02N          00000000000")
    format = mdbox(dovecot)
    box = await opened(format)
    await box.append(numbered(1))
    assert files_of(dovecot) == ["m.1", "m.2"]
    assert await same(dovecot, box) == [1, 2]
    await format.rebuild()
    assert files_of(dovecot) == ["m.1", "m.1.broken", "m.2"]
    assert await same(dovecot, box) == [1, 2]


async def test_what_is_deleted_can_be_read_until_the_purge(make_dovecot: Make) -> None:
    dovecot = make_dovecot("mdbox")
    for number in range(3):
        dovecot("save", "-m", "INBOX", stdin=b"Subject: %d\n\n" % number)
    dovecot("expunge", "mailbox", "INBOX", "uid", "1,3")
    known = mdbox(dovecot)
    location = parse_location(f"mdbox_deleted:{dovecot.mail}", None)
    deleted = MdboxDeletedFormat(location, known.context)
    box = await opened(deleted)
    batch = await everything(box)
    assert batch.bodies == [b"Subject: 0\n\n", b"Subject: 2\n\n"]
    view = await box.open_view(read_only=False)
    await box.copy(view, UidSet(batch.uids), await opened(known))
    assert await same(dovecot, await opened(known)) == [2, 4, 5]
    await known.purge()
    assert (await box.sync(view)).expunged_seqs.tolist() == [1, 2]


async def test_attachments_kept_apart(make_dovecot: Make, tmp_path: Path) -> None:
    for name in sorted(FORMATS):
        settings = "mail_attachment_dir = {}\nmail_attachment_min_size = 1k"
        dovecot = make_dovecot(name)
        attachments = dovecot.root / "att"
        attachments.mkdir()
        text = dovecot.config.read_text() + settings.format(attachments)
        dovecot.config.write_text(text)
        line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3\n"
        mail = (
            b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\n"
            b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n"
            b"Content-Disposition: attachment; filename=x\n\n" + line * 40 + b"\n--b--\n"
        )
        dovecot("save", "-m", "INBOX", stdin=mail)
        assert list(attachments.rglob("*-*"))
        format = dovecot.format()
        format._attachments = str(attachments)
        assert (await everything(await opened(format))).bodies == [mail]
    shutil.rmtree(tmp_path)
