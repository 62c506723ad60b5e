"""Awkward files: both servers find the same mails in them, whoever looks first."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.plugins.mbox.corpus import CORPUS
from tests.plugins.mbox.oracle import Dovecot, everything, opened, same

from culver.mail import flags as f
from culver.mail.changes import FlagChange
from culver.mail.newmail import NewMail
from culver.mail.uids import UidSet


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """A store of its own."""
    if shutil.which("doveadm") is None or os.geteuid() != 0:
        pytest.skip("needs the real Dovecot (doveadm), and to be root")
    with tempfile.TemporaryDirectory(prefix="mbox") as directory:
        yield Dovecot(Path(directory))


@pytest.mark.interop
@pytest.mark.parametrize("name", CORPUS)
async def test_we_look_first(name: str, dovecot: Dovecot) -> None:
    dovecot.inbox.write_bytes(CORPUS[name])
    box = await opened(dovecot.format())
    before = await everything(box)
    await same(dovecot, box)
    view = await box.open_view(read_only=False)
    change = FlagChange(mode="add", flags=f.FLAGGED | f.SEEN, keywords=("a", "b"))
    await box.store(view, UidSet(view.uids), change)
    await box.append([NewMail(body=b"Subject: new\n\nnew\n")])
    after = await everything(box)
    assert after.bodies[:-1] == before.bodies
    assert (await same(dovecot, box))[:-1] == before.uids.tolist()


@pytest.mark.interop
@pytest.mark.parametrize("name", CORPUS)
async def test_dovecot_looks_first(name: str, dovecot: Dovecot) -> None:
    dovecot.inbox.write_bytes(CORPUS[name])
    dovecot("flags", "add", "\\Flagged kw2", "mailbox", "INBOX", "1")
    await same(dovecot, await opened(dovecot.format()))


@pytest.mark.parametrize("name", CORPUS)
async def test_a_second_look_finds_the_same(name: str, tmp_path: Path) -> None:
    """What was written says what was seen: UIDs, flags, bytes."""
    from culver.testing.storage import Store
    from culver_plugins.mbox.format import MboxFormat

    (tmp_path / "inbox").write_bytes(CORPUS[name])
    box = await Store(MboxFormat, tmp_path).open()
    first = await everything(box)
    await box.close()
    del box
    written = (tmp_path / "inbox").read_bytes()
    second = await everything(await Store(MboxFormat, tmp_path).open())
    assert first.uids.tolist() == second.uids.tolist()
    assert first.flags.tolist() == second.flags.tolist()
    assert first.keywords == second.keywords
    assert first.bodies == second.bodies
    assert (tmp_path / "inbox").read_bytes() == written
