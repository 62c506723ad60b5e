"""The cache file: filled at delivery and by clients, read by the next process, never trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

from culver.index.cachefile import CacheFile
from culver.index.engine import MailboxIndex
from culver.mail.changes import FlagChange
from culver.mail.columns import Wanted
from culver.mail.engine.cache import MailCache
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.engine.shared import SharedBox
from culver.mail.flags import DELETED
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet
from culver.testing.storage import Store, mail
from culver_events.scope import Scope
from culver_plugins.maildir.format import MaildirFormat

DELETE = FlagChange(mode="add", flags=DELETED)
_NAMES = ("imap.envelope", "imap.bodystructure", "hdr.subject", "date.sent", "mime.parts")


async def fresh(store: Store) -> EngineMailbox:
    """As another process opens it: nothing in memory."""
    other = store.reopened()
    return EngineMailbox("INBOX", await SharedBox.open(other.format, INBOX, MailCache()), Scope())


async def fields(box: EngineMailbox, *names: str) -> dict[str, list[bytes]]:
    view = await box.open_view(read_only=True)
    (batch,) = [b async for b in box.fetch(view, UidSet(view.uids), Wanted(cached=names))]
    return batch.cached


def on_disk(root: Path, *names: str) -> list[dict[str, bytes]]:
    index = MailboxIndex(root)
    index.open()
    cache = CacheFile(index)
    try:
        return cache.lookup(index.state.uids, names)
    finally:
        cache.close()
        index.close()


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    made = Store(MaildirFormat, tmp_path / "mail")
    await made.create(INBOX)
    return made


async def test_a_delivery_fills_what_imap_needs(store: Store) -> None:
    await (await store.open()).append([mail(1), mail(2)])
    for row in on_disk(store.root, *_NAMES, "size.virtual"):
        assert row.keys() == {"imap.envelope", "imap.bodystructure", "size.virtual"}


async def test_what_a_client_asks_for_is_kept_and_the_next_mails_have_it(store: Store) -> None:
    box = await store.open()
    await box.append([mail(1)])
    asked = await fields(box, *_NAMES)
    await box.append([mail(2)])
    assert [row.keys() for row in on_disk(store.root, *_NAMES)] == [set(_NAMES)] * 2
    await box.close()
    del box
    # Without the mails: only the cache can know it.
    for path in [*(store.root / "new").iterdir(), *(store.root / "cur").iterdir()]:
        path.write_bytes(b"Subject: not read\n\n")
    again = await fields(await fresh(store), *_NAMES)
    assert {name: values[:1] for name, values in again.items()} == asked


async def test_a_broken_cache_is_removed_and_told(tmp_path: Path) -> None:
    store = Store(MaildirFormat, tmp_path / "mail")
    await store.create(INBOX)
    box = await store.open()
    await box.append([mail(1)])
    before = await fields(box, *_NAMES)
    await box.close()
    del box
    path = store.root / "dovecot.index.cache"
    data = path.read_bytes()
    path.write_bytes(data[:32] + b"\xff" * (len(data) - 32))
    assert await fields(await fresh(store), *_NAMES) == before
    assert on_disk(store.root, *_NAMES)[0].keys() == set(_NAMES)


async def test_many_expunges_shrink_the_file(store: Store) -> None:
    box = await store.open()
    await box.append([mail(number) for number in range(400)])
    size = (store.root / "dovecot.index.cache").stat().st_size
    view = await box.open_view(read_only=False)
    await box.store(view, UidSet(range(1, 351)), DELETE)
    await box.expunge(view, None)
    await box.append([mail(401)])
    assert (store.root / "dovecot.index.cache").stat().st_size < size / 2
    assert all(row for row in on_disk(store.root, "imap.envelope"))
