"""Index files that are broken or gone: the mails stay, and what the backup tells of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.plugins.dbox.dovecot import FORMATS, everything

from culver.mail.changes import FlagChange
from culver.mail.flags import FLAGGED
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet
from culver.testing.storage import Store
from culver_plugins.mdbox.format import MdboxFormat

BODIES = [b"Subject: %d\n\nbody\n" % n for n in range(4)]


async def filled(name: str, root: Path) -> tuple[Store, int]:
    """Mails 1, 2, 4 with flags, an index file and its backup.  Returns the UIDVALIDITY too."""
    store = Store(FORMATS[name], root)
    await store.create(INBOX, ("Other",))
    box = await store.open()
    await box.append([NewMail(body=body) for body in BODIES])
    view = await box.open_view(read_only=False)
    change = FlagChange(mode="add", flags=FLAGGED, keywords=("kept",))
    await box.store(view, UidSet([2]), change)
    await box.expunge(view, UidSet([]))
    index = box.shared.box.index
    assert index is not None
    for _ in range(2):
        with index.files.lock():
            begin = index.files.begin()
            begin.mark_synced()
            begin.commit()
            index.files.rewrite()
    return store, (await box.status()).uid_validity


def index_files(root: Path) -> Path:
    return root / "mailboxes/INBOX/dbox-Mails"


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("lost", [("dovecot.index",), ("dovecot.index.log",), ("",)])
async def test_a_lost_file(name: str, lost: tuple[str, ...], tmp_path: Path) -> None:
    store, validity = await filled(name, tmp_path / "mail")
    for suffix in lost:
        if suffix:
            (index_files(store.root) / suffix).unlink()
        else:
            (index_files(store.root) / "dovecot.index").unlink()
            (index_files(store.root) / "dovecot.index.log").unlink()
    box = await store.reopened().open()
    batch = await everything(box)
    assert batch.bodies == BODIES
    assert batch.uids.tolist() == [1, 2, 3, 4]
    assert batch.flags.tolist() == [0, FLAGGED, 0, 0]
    assert batch.keywords == [(), ("kept",), (), ()]
    status = await box.status()
    assert (status.uid_validity, status.uid_next) == (validity, 5)


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("file", ["dovecot.index", "dovecot.index.log"])
async def test_flipped_bytes(name: str, file: str, tmp_path: Path) -> None:
    """It opens, with all mails, whatever else was lost."""
    store, _ = await filled(name, tmp_path / "mail")
    path = index_files(store.root) / file
    sound = {p: p.read_bytes() for p in index_files(store.root).glob("dovecot.index*")}
    for place in range(0, len(sound[path]), 7):
        for p, data in sound.items():
            p.write_bytes(data)
        flip(path, place)
        box = await store.reopened().open()
        batch = await everything(box)
        assert sorted(bytes(body) for body in batch.bodies) == BODIES, place
        await box.close()


@pytest.mark.parametrize("damage", ["gone", "cut", "flipped"])
async def test_a_damaged_map(damage: str, tmp_path: Path) -> None:
    store, _ = await filled("mdbox", tmp_path / "mail")
    path = store.root / "storage/dovecot.map.index.log"
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:60])
    else:
        flip(path, 90)
    format = store.reopened().format
    assert isinstance(format, MdboxFormat)
    again = Store(MdboxFormat, store.root)
    box = await again.open()
    await box.append([NewMail(body=b"a: b\n\n")])
    batch = await everything(box)
    assert [bytes(body) for body in batch.bodies] == [*BODIES, b"a: b\n\n"]
    assert batch.uids.tolist() == [1, 2, 3, 4, 5]


async def test_a_damaged_mail_in_an_sdbox(tmp_path: Path) -> None:
    store, _ = await filled("sdbox", tmp_path / "mail")
    path = index_files(store.root) / "u.2"
    path.write_bytes(path.read_bytes().replace(b"000011", b"000003"))
    batch = await everything(await store.reopened().open())
    assert batch.bodies == BODIES
    assert path.with_name("u.2.broken").exists()


async def test_a_damaged_mail_in_an_mdbox(tmp_path: Path) -> None:
    store, _ = await filled("mdbox", tmp_path / "mail")
    path = store.root / "storage/m.1"
    path.write_bytes(path.read_bytes().replace(b"000011\nSubject: 1", b"000003\nSubject: 1"))
    batch = await everything(await store.reopened().open())
    assert batch.bodies == BODIES
    assert path.with_name("m.1.broken").exists()


async def test_a_mail_that_never_reached_the_index(tmp_path: Path) -> None:
    store, _ = await filled("sdbox", tmp_path / "mail")
    path = index_files(store.root)
    (path / "u.5").write_bytes((path / "u.1").read_bytes())
    box = await store.reopened().open()
    (saved,) = await box.append([NewMail(body=b"a: b\n\n")])
    assert saved.uid == 6
    assert (await everything(box)).bodies == [*BODIES, BODIES[0], b"a: b\n\n"]
