"""Saving: modes, line ends, failures, batches."""

from __future__ import annotations

import errno
import mmap
import os
from pathlib import Path

import pytest
import trio

from culver.errors import CulverError, Unavailable
from culver.mail.columns import Wanted
from culver.mail.flags import SEEN
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet
from culver.testing.storage import Store, mail, rows
from culver_plugins.maildir import save, uidlist
from culver_plugins.maildir.format import MaildirFormat


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    made = Store(MaildirFormat, tmp_path / "mail")
    await made.create(INBOX, ("Sub",))
    return made


def left(store: Store) -> dict[str, int]:
    return {part: len(os.listdir(store.root / part)) for part in ("new", "cur", "tmp")}


@pytest.mark.parametrize(
    ("body", "stored", "size"),
    [
        (b"a: b\r\n\r\nx\r\n", b"a: b\n\nx\n", 11),
        (b"a: b\n\nx\n", b"a: b\n\nx\n", 11),
        (b"a: b\r\n\nx\ry\n", b"a: b\n\nx\ry\n", 13),
        (b"", b"", 0),
    ],
)
async def test_mails_lie_with_lf(store: Store, body: bytes, stored: bytes, size: int) -> None:
    box = await store.open()
    await box.append([NewMail(body=body)])
    (name,) = os.listdir(store.root / "new")
    assert (store.root / "new" / name).read_bytes() == stored
    assert name.endswith(f",S={len(stored)},W={size}")


async def test_large_mails_are_written_and_read_in_pieces(store: Store, tmp_path: Path) -> None:
    body = b"Subject: large\r\n\r\n" + b"line of text\r\n" * 200_000
    (tmp_path / "spool").write_bytes(body)
    box = await store.open()
    with (tmp_path / "spool").open("rb") as file:
        spooled = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        await box.append([NewMail(body=spooled)])
        spooled.close()
    view = await box.open_view(read_only=True)
    (batch,) = await rows(box, view, Wanted(bodies=True, sizes=True))
    assert isinstance(batch.bodies[0], mmap.mmap)
    assert batch.bodies[0][:] == body.replace(b"\r\n", b"\n")
    assert batch.sizes is not None
    assert batch.sizes.tolist() == [len(body)]


async def test_flags_decide_the_directory(store: Store) -> None:
    box = await store.open()
    await box.append([mail(1), NewMail(body=b"x", flags=SEEN), NewMail(body=b"y", keywords=("k",))])
    assert left(store) == {"new": 1, "cur": 2, "tmp": 0}
    assert sorted(n.rpartition(":")[2] for n in os.listdir(store.root / "cur")) == ["2,S", "2,a"]


async def test_files_get_the_modes_of_the_directory(store: Store) -> None:
    os.chmod(store.root, 0o770)
    box = await store.open()
    await box.append([mail(1)])
    (name,) = os.listdir(store.root / "new")
    modes = {
        (store.root / path).stat().st_mode & 0o777 for path in (f"new/{name}", "dovecot-uidlist")
    }
    assert modes == {0o660}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("where", ["_write_body", "fsync_dirs"])
async def test_a_full_disk_leaves_nothing_behind(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int, where: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    box = await store.open()
    monkeypatch.setattr(save, where, full)
    with pytest.raises(Unavailable):
        await box.append([mail(1), mail(2)])
    assert left(store) == {"new": 0, "cur": 0, "tmp": 0}
    monkeypatch.undo()
    assert len(await box.append([mail(3)])) == 1
    view = await box.open_view(read_only=True)
    assert len(view) == 1


async def test_a_full_uidlist_is_cut_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    box = await store.open()
    before = (store.root / "dovecot-uidlist").read_bytes()

    def full(fd: int, data: bytes) -> None:
        os.write(fd, data[:3])
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(uidlist, "write_all", full)
    with pytest.raises(Unavailable, match="full"):
        await box.append([mail(1)])
    assert (store.root / "dovecot-uidlist").read_bytes() == before
    assert left(store) == {"new": 0, "cur": 0, "tmp": 0}


async def test_one_bad_mail_does_not_fail_those_saved_beside_it(store: Store) -> None:
    store = Store(MaildirFormat, store.root, {"INDEX": "MEMORY"})
    box = await store.open()
    results: list[str] = []

    async def save_one(one: NewMail) -> None:
        try:
            await box.append([one])
        except CulverError as error:
            results.append(error.code)
        else:
            results.append("ok")

    bad = NewMail(body=b"x", keywords=tuple(f"k{n}" for n in range(27)))
    async with trio.open_nursery() as nursery:
        for one in (mail(1), bad, mail(2), mail(3)):
            nursery.start_soon(save_one, one)
    assert sorted(results) == ["LIMIT", "ok", "ok", "ok"]
    assert left(store) == {"new": 3, "cur": 0, "tmp": 0}


async def test_a_cancelled_save_happens_wholly_or_not_at_all(store: Store) -> None:
    box = await store.open()
    with trio.CancelScope() as scope:
        scope.cancel()
        await box.append([mail(1)])
    assert left(store) == {"new": 0, "cur": 0, "tmp": 0}


async def test_a_copy_is_a_link_and_keeps_its_guid(store: Store) -> None:
    box, sub = await store.open(), await store.open(("Sub",))
    (saved,) = await box.append([mail(1)])
    view = await box.open_view(read_only=False)
    await box.copy(view, UidSet(view.uids), sub)
    await box.copy(view, UidSet(view.uids), sub)
    there = await sub.open_view(read_only=True)
    (batch,) = await rows(sub, there, Wanted(guids=True))
    assert batch.guids == [saved.guid] * 2
    (name,) = os.listdir(store.root / "cur")
    assert (store.root / "cur" / name).stat().st_nlink == 3
