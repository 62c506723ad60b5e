"""References: counted by copies, expunges and deleted mailboxes; freed by a purge."""

from __future__ import annotations

from pathlib import Path

import pytest

from culver.errors import Refused
from culver.mail.changes import FlagChange
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.flags import DELETED
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet
from culver.testing.storage import Store
from culver_plugins.mdbox import commit as committing
from culver_plugins.mdbox.format import MdboxFormat
from culver_plugins.mdbox.mailfile import MailFile


async def opened(root: Path) -> tuple[Store, MdboxFormat, EngineMailbox, EngineMailbox]:
    store = Store(MdboxFormat, root / "mail")
    await store.create(INBOX, ("Other",))
    box, other = await store.open(), await store.open(("Other",))
    await box.append([NewMail(body=b"Subject: %d\n\n" % n) for n in range(3)])
    assert isinstance(store.format, MdboxFormat)
    return store, store.format, box, other


def refs(format: MdboxFormat) -> list[int]:
    found: list[int] = format.storage.map.columns().refs.tolist()
    return found


async def test_a_deleted_mailbox_lets_go(tmp_path: Path) -> None:
    store, format, box, other = await opened(tmp_path)
    view = await box.open_view(read_only=False)
    await box.copy(view, UidSet([1, 2]), other)
    await box.copy(view, UidSet([1]), other)
    assert refs(format) == [3, 2, 1]
    await other.close()
    await store.format.mailboxes.delete(("Other",))
    assert refs(format) == [1, 1, 1]
    assert (await format.purge()).files == 0


async def test_too_many_copies_are_saved_anew_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, format, box, other = await opened(tmp_path)
    monkeypatch.setattr(committing, "MAX_REFS", 2)
    view = await box.open_view(read_only=False)
    await box.copy(view, UidSet([1]), other)
    with pytest.raises(Refused, match="too many times"):
        await box.copy(view, UidSet([1]), other)
    assert refs(format) == [2, 1, 1]


async def test_a_purged_mail_can_not_be_copied(tmp_path: Path) -> None:
    _, format, box, other = await opened(tmp_path)
    link = format.link(box.shared.box, 1)
    view = await box.open_view(read_only=False)
    await box.store(view, UidSet([1]), FlagChange(mode="add", flags=DELETED))
    await box.expunge(view, None)
    await format.purge()
    with pytest.raises(Refused, match="no longer exist"):
        await other.append([NewMail(link=link)])


async def test_a_failed_append_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, format, box, _ = await opened(tmp_path)
    size = (tmp_path / "mail/storage/m.1").stat().st_size

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(committing, "_change_map", full)
        with pytest.raises(Exception, match="space"):
            await box.append([NewMail(body=b"a: b\n\n")])
    assert (tmp_path / "mail/storage/m.1").stat().st_size == size
    with monkeypatch.context() as patch:
        patch.setattr(committing, "_append_to_box", full)
        with pytest.raises(Exception, match="space"):
            await box.append([NewMail(body=b"a: b\n\n")])
    assert refs(format) == [1, 1, 1, 0]
    assert (await box.status()).messages == 3
    (saved,) = await box.append([NewMail(body=b"a: b\n\n")])
    assert saved.uid == 4
    assert (await format.purge()).mails == 1


async def test_purging_what_somebody_appends_to_waits(tmp_path: Path) -> None:
    _, format, box, _ = await opened(tmp_path)
    view = await box.open_view(read_only=False)
    await box.store(view, UidSet([1]), FlagChange(mode="add", flags=DELETED))
    await box.expunge(view, None)
    file = MailFile.lock(str(tmp_path / "mail/storage/m.1"), 1)
    assert file is not None
    try:
        assert (await format.purge()).skipped == 1
    finally:
        file.close()
    assert (await format.purge()).mails == 1
