"""What other programs do to a Maildir, and what we make of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from culver.errors import Refused
from culver.mail.changes import FlagChange
from culver.mail.columns import Wanted
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.flags import DELETED, FLAGGED, SEEN
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet
from culver.mail.view import View
from culver.testing.storage import Store, mail, rows
from culver_plugins.maildir.format import MaildirFormat


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    return tmp_path / "mail"


async def start(root: Path) -> tuple[EngineMailbox, View]:
    box = await Store(MaildirFormat, root).open()
    return box, await box.open_view(read_only=False)


async def test_mails_without_sizes_get_uids_in_order_of_arrival(root: Path) -> None:
    (root / "new" / "20.x.host").write_bytes(b"Subject: second\n\nb\n")
    (root / "cur" / "10.x.host:2,S").write_bytes(b"Subject: first\r\n\r\na\r\n")
    box, view = await start(root)
    (batch,) = await rows(box, view, Wanted(sizes=True, guids=True))
    assert batch.guids == ["10.x.host", "20.x.host"]
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [21, 22]
    assert batch.flags.tolist() == [SEEN, 0]
    assert (root / "cur" / "20.x.host:2,").exists()


async def test_dropped_in_moved_and_removed_by_others(root: Path) -> None:
    box, view = await start(root)
    (root / "new" / "1.a").write_bytes(b"a: b\n\n")
    (root / "new" / "2.b").write_bytes(b"a: b\n\n")
    assert (await box.sync(view)).appeared == 2
    os.rename(root / "cur" / "1.a:2,", root / "cur" / "1.a:2,FPS")
    changes = await box.sync(view)
    assert list(changes.flags) == [1]
    await box.store(view, UidSet([1]), FlagChange(mode="remove", flags=SEEN))
    assert (root / "cur" / "1.a:2,FP").exists()
    os.unlink(root / "cur" / "2.b:2,")
    assert (await box.sync(view)).expunged_seqs.tolist() == [2]


async def test_a_keyword_that_is_named_after_its_letter_was_seen(root: Path) -> None:
    """Dovecot renames the files before it writes dovecot-keywords."""
    (root / "cur" / "1.a:2,b").write_bytes(b"a: b\n\n")
    box, view = await start(root)
    (batch,) = await rows(box, view)
    assert batch.keywords == []
    (root / "dovecot-keywords").write_text("1 late\n")
    assert list((await box.sync(view)).flags) == [1]
    (batch,) = await rows(box, view)
    assert batch.keywords == [("late",)]


async def test_a_renamed_mail_is_still_read_and_changed(root: Path) -> None:
    box, view = await start(root)
    await box.append([mail(1), mail(2)])
    await box.sync(view)
    for name in os.listdir(root / "cur"):
        os.rename(root / "cur" / name, root / "cur" / f"{name}F")
    (batch,) = await rows(box, view, Wanted(bodies=True))
    assert len(batch.bodies) == 2
    assert batch.vanished == ()
    await box.store(view, UidSet([1, 2]), FlagChange(mode="add", flags=SEEN))
    assert list((await box.sync(view)).flags) == [1, 2]
    (batch,) = await rows(box, view)
    assert batch.flags.tolist() == [SEEN | FLAGGED] * 2


async def test_a_removed_mail_vanishes(root: Path) -> None:
    box, view = await start(root)
    await box.append([mail(1), mail(2)])
    await box.sync(view)
    os.unlink(root / "cur" / sorted(os.listdir(root / "cur"))[0])
    (batch,) = await rows(box, view, Wanted(bodies=True))
    assert (batch.uids.tolist(), batch.vanished) == ([2], (1,))
    assert (await box.sync(view)).expunged_seqs.tolist() == [1]


async def test_an_expunged_mail_that_comes_back_gets_a_new_uid(root: Path) -> None:
    box, view = await start(root)
    await box.append([mail(1)])
    await box.sync(view)
    (name,) = os.listdir(root / "cur")
    data = (root / "cur" / name).read_bytes()
    await box.store(view, UidSet([1]), FlagChange(mode="add", flags=DELETED))
    await box.expunge(view, None)
    await box.sync(view)
    (root / "cur" / name).write_bytes(data)
    await box.sync(view)
    assert view.uids.tolist() == [2]
    await box.sync(view)
    assert view.uids.tolist() == [2]


async def test_one_mail_under_two_names_is_one_mail(root: Path) -> None:
    (root / "cur" / "1.a:2,").write_bytes(b"a: b\n\n")
    os.link(root / "cur" / "1.a:2,", root / "cur" / "1.a:2,S")
    box, view = await start(root)
    assert (len(view), (await box.status()).messages) == (1, 1)
    assert len(os.listdir(root / "cur")) == 1


async def test_two_mails_of_one_name_are_two_mails(root: Path) -> None:
    (root / "cur" / "1.a:2,").write_bytes(b"a: b\n\none\n")
    (root / "cur" / "1.a:2,S").write_bytes(b"a: b\n\ntwo\n")
    box, view = await start(root)
    await box.sync(view)
    (batch,) = await rows(box, view, Wanted(bodies=True))
    assert sorted(body[:] for body in batch.bodies) == [b"a: b\n\none\n", b"a: b\n\ntwo\n"]


async def test_dot_files_and_line_ends_in_names_are_left_alone(root: Path) -> None:
    (root / "new" / ".nfs1").write_bytes(b"x")
    (root / "new" / "1\n2").write_bytes(b"x")
    _, view = await start(root)
    assert len(view) == 0
    assert len(os.listdir(root / "new")) == 2


async def test_a_damaged_uidlist_is_set_aside(root: Path) -> None:
    (root / "cur" / "1.a:2,S").write_bytes(b"a: b\n\n")
    (root / "dovecot-uidlist").write_bytes(b"\0\0\0\0")
    _, view = await start(root)
    assert view.uids.tolist() == [1]
    assert (root / "dovecot-uidlist.damaged").read_bytes() == b"\0\0\0\0"


async def test_a_lost_uidlist_is_written_again_with_the_same_uids(root: Path) -> None:
    box, view = await start(root)
    await box.append([mail(1), mail(2)])
    await box.sync(view)
    before = (root / "dovecot-uidlist").read_text().split("\n", 1)
    os.unlink(root / "dovecot-uidlist")
    await box.append([mail(3)])
    await box.sync(view)
    assert view.uids.tolist() == [1, 2, 3]
    after = (root / "dovecot-uidlist").read_text().split("\n", 1)
    assert after[0].split()[1] == before[0].split()[1]
    assert after[1].startswith(before[1])


async def test_a_deleted_mailbox_is_told(root: Path) -> None:
    box, view = await start(root)
    os.rename(root / "cur", root / "gone")
    with pytest.raises(Refused) as caught:
        await box.sync(view)
    assert caught.value.code == "NONEXISTENT"


async def test_keywords_beyond_the_letters_are_refused_without_an_index(root: Path) -> None:
    box = await Store(MaildirFormat, root, {"INDEX": "MEMORY"}).open()
    view = await box.open_view(read_only=False)
    await box.append([mail(1)])
    await box.sync(view)
    names = tuple(f"k{n}" for n in range(26))
    await box.store(view, UidSet([1]), FlagChange(mode="add", keywords=names))
    with pytest.raises(Refused) as caught:
        await box.store(view, UidSet([1]), FlagChange(mode="add", keywords=("one-more",)))
    assert caught.value.code == "LIMIT"
    with pytest.raises(Refused):
        await box.append([NewMail(body=b"x", keywords=("one-more",))])
    assert os.listdir(root / "tmp") == []
    assert len(os.listdir(root / "new")) == 0


async def test_keywords_beyond_the_letters_are_in_the_index_only(root: Path) -> None:
    box, view = await start(root)
    names = tuple(f"k{n:02}" for n in range(30))
    await box.append([NewMail(body=b"x", keywords=names)])
    await box.sync(view)
    await box.store(view, UidSet([1]), FlagChange(mode="remove", keywords=names[:2]))
    await box.store(view, UidSet([1]), FlagChange(mode="add", keywords=("last",)))
    (path,) = os.listdir(root / "cur")
    assert path.endswith(":2,cdefghijklmnopqrstuvwxyz")
    os.rename(root / "cur" / path, root / "cur" / path[:-1])  # z, by another program
    await box.sync(view)
    (batch,) = await rows(box, view)
    assert sorted(batch.keywords[0]) == [*names[2:25], *names[26:], "last"]


async def test_names_that_another_process_changed_are_found_again(root: Path) -> None:
    """The index says that nothing has to be read; only the names that are known are old."""
    box, view = await start(root)
    await box.append([mail(1), mail(2)])
    await box.sync(view)
    other = Store(MaildirFormat, root)
    theirs = await other.format.open(INBOX)
    await other.format.rescan(theirs)
    change = FlagChange(mode="add", flags=SEEN)
    await other.format.write_flags(theirs, UidSet([1, 2]), change)
    await box.sync(view)
    (batch,) = await rows(box, view, Wanted(received=True, bodies=True))
    assert batch.received is not None
    assert batch.received.tolist() == [1_000_000_001, 1_000_000_002]
    assert batch.flags.tolist() == [SEEN, SEEN]
    await other.format.write_flags(theirs, UidSet([1]), FlagChange(mode="add", flags=FLAGGED))
    await box.sync(view)
    copied = await box.copy(view, UidSet([1]), box)
    assert copied.target == (3,)
    await other.format.remove(theirs, UidSet([2]))
    await box.store(view, UidSet([1, 2]), FlagChange(mode="add", flags=DELETED))
    assert list(await box.expunge(view, None)) == [1]
