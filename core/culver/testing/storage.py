"""The conformance suite of storage formats: what every format owes, third parties' too.

    async def test_my_format(tmp_path):
        await check_storage_format(MyFormat, tmp_path)

Each check starts with an empty store, works through the engine as sessions do, and raises
AssertionError with what was expected.  First form: damage, kill -9 and full disks follow.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import trio

from culver.config.settings import Settings
from culver.mail import query as q
from culver.mail.changes import FlagChange
from culver.mail.columns import Batch, Wanted
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.engine.shared import SharedBox
from culver.mail.flags import ANSWERED, DELETED, FLAGGED, SEEN
from culver.mail.location import MailLocation
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX, MailboxPath, StorageFormat
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver.mail.view import View
from culver_events.scope import Scope

S = TypeVar("S", bound=Settings)

_PROCESSES: Final = 3
_MAILS_EACH: Final = 8


class Defaults:
    """Settings of which nothing is configured."""

    def get(self, cls: type[S], /) -> S:
        """The defaults of the class."""
        return cls()


class Store:
    """A format on an empty directory, and mailboxes opened as sessions open them."""

    def __init__(
        self, cls: type[StorageFormat], root: Path, options: dict[str, str] | None = None
    ) -> None:
        self.cls = cls
        self.root = root
        self.options = options or {}
        location = MailLocation(driver=cls.name, path=str(root), options=self.options)
        context = StorageContext(user="tester", home=root.parent, scope=Scope(), config=Defaults())
        self.format = cls(location, context)

    async def create(self, *paths: MailboxPath) -> None:
        """Create mailboxes."""
        for path in paths:
            await self.format.mailboxes.create(path)

    async def open(self, path: MailboxPath = INBOX) -> EngineMailbox:
        """A session's mailbox."""
        shared = await SharedBox.open(self.format, path)
        return EngineMailbox("/".join(path), shared, Scope())

    def reopened(self) -> Store:
        """As another process would see it: nothing shared but the files.  The caller must have
        let go of every mailbox."""
        return Store(self.cls, self.root, self.options)


def mail(number: int, **more: str) -> NewMail:
    """A small mail that is like no other."""
    headers = {"Subject": f"mail {number}", "Message-ID": f"<{number}@test>", **more}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return NewMail(body=f"{lines}\r\nbody {number}\r\n".encode(), received=1_000_000_000 + number)


async def rows(box: EngineMailbox, view: View, wanted: Wanted | None = None) -> list[Batch]:
    """All of a view."""
    return [batch async for batch in box.fetch(view, UidSet(view.uids), wanted or Wanted())]


def expect(what: str, found: object, wanted: object) -> None:
    """Equal, or AssertionError."""
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, wanted {wanted!r}")


async def append_gives_back_what_was_saved(store: Store) -> None:
    """UIDs ascend from 1, bodies and dates come back, sizes count CRLF, GUIDs differ."""
    await store.create(INBOX)
    box = await store.open()
    mails = [mail(n) for n in range(3)]
    saved = await box.append(mails)
    expect("UIDs", [one.uid for one in saved], [1, 2, 3])
    expect("distinct GUIDs", len({one.guid for one in saved}), 3)
    view = await box.open_view(read_only=False)
    expect("recent", list(view.recent), [1, 2, 3])
    wanted = Wanted(bodies=True, sizes=True, received=True, guids=True)
    (batch,) = await rows(box, view, wanted)
    crlf = [body[:].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for body in batch.bodies]
    expect("bodies", crlf, [one.body for one in mails])
    assert batch.sizes is not None
    assert batch.received is not None
    expect("sizes", batch.sizes.tolist(), [one.size for one in mails])
    expect("dates", batch.received.tolist(), [one.received for one in mails])
    expect("GUIDs", batch.guids, [one.guid for one in saved])


async def flags_and_keywords_stay(store: Store) -> None:
    """Add, remove, replace; they are there after a reopen, and the UIDVALIDITY is the same."""
    await store.create(INBOX)
    box = await store.open()
    await box.append([mail(1), mail(2), NewMail(body=b"a: b\n\n", flags=SEEN, keywords=("kw",))])
    view = await box.open_view(read_only=False)
    await box.store(view, UidSet([1, 2]), FlagChange(mode="add", flags=FLAGGED | ANSWERED))
    await box.store(view, UidSet([1]), FlagChange(mode="remove", flags=ANSWERED))
    await box.store(view, UidSet([2]), FlagChange(mode="replace", keywords=("Other", "$Label1")))
    expect("own changes are not told", list((await box.sync(view)).flags), [])
    validity = (await box.status()).uid_validity
    await box.close()
    del box, view
    box = await store.reopened().open()
    view = await box.open_view(read_only=True)
    (batch,) = await rows(box, view)
    expect("flags", batch.flags.tolist(), [FLAGGED, 0, SEEN])
    found = [sorted(name.lower() for name in names) for names in batch.keywords]
    expect("keywords", found, [[], ["$label1", "other"], ["kw"]])
    expect("UIDVALIDITY", (await box.status()).uid_validity, validity)


async def expunge_removes_for_good(store: Store) -> None:
    """Numbers shift only when the view may hear of it; UIDs are never used again."""
    await store.create(INBOX)
    box = await store.open()
    await box.append([mail(n) for n in range(4)])
    view = await box.open_view(read_only=False)
    await box.store(view, UidSet([2, 4]), FlagChange(mode="add", flags=DELETED))
    before = (await box.status()).highest_modseq
    expect("removed", list(await box.expunge(view, None)), [2, 4])
    assert (await box.status()).highest_modseq > before, "an expunge must raise HIGHESTMODSEQ"
    await box.sync(view, expunges=False)
    expect("length before it is told", len(view), 4)
    batches = await rows(box, view)
    expect("vanished", [uid for batch in batches for uid in batch.vanished], [2, 4])
    changes = await box.sync(view)
    expect("sequence numbers", changes.expunged_seqs.tolist(), [2, 4])
    expect("UIDs left", view.uids.tolist(), [1, 3])
    await box.close()
    del box, view
    box = await store.reopened().open()
    expect("next UID", [one.uid for one in await box.append([mail(9)])], [5])


async def copies_and_moves(store: Store) -> None:
    """Flags, keywords, dates and GUID go along; a move removes exactly what it copied."""
    await store.create(INBOX, ("Other",))
    box, other = await store.open(), await store.open(("Other",))
    await other.append([mail(0)])
    await box.append([mail(1), mail(2), mail(3)])
    view = await box.open_view(read_only=False)
    change = FlagChange(mode="add", flags=SEEN, keywords=("kw",))
    await box.store(view, UidSet([1, 3]), change)
    copied = await box.copy(view, UidSet([1, 2]), other)
    expect("copied", (copied.source, copied.target), ((1, 2), (2, 3)))
    moved = await box.move(view, UidSet([3]), other)
    expect("moved", (moved.source, moved.target), ((3,), (4,)))
    await box.sync(view)
    expect("source after", view.uids.tolist(), [1, 2])
    there = await other.open_view(read_only=True)
    (batch,) = await rows(other, there, Wanted(received=True))
    assert batch.received is not None
    expect("flags", batch.flags.tolist(), [0, SEEN, 0, SEEN])
    expect("keywords", batch.keywords, [(), ("kw",), (), ("kw",)])
    expect("dates", batch.received.tolist(), [1_000_000_000 + n for n in range(4)])
    again = await box.copy(view, UidSet([1]), other)
    expect("copied twice", again.target, (5,))


async def sessions_see_each_other(store: Store) -> None:
    """Appends, flags and expunges of one session reach the other's next sync; recent is given
    to one of them only."""
    await store.create(INBOX)
    one, two = await store.open(), await store.open()
    first, second = await one.open_view(read_only=False), await two.open_view(read_only=False)
    await one.append([mail(1), mail(2)])
    expect("told to the first", (await one.sync(first)).appeared, 2)
    expect("told to the second", (await two.sync(second)).appeared, 2)
    expect("recent in the first", list(first.recent), [1, 2])
    expect("recent in the second", len(second.recent), 0)
    await one.store(first, UidSet([2]), FlagChange(mode="add", flags=DELETED))
    expect("flags for the second", list((await two.sync(second)).flags), [2])
    await two.expunge(second, None)
    expect("expunge for the first", (await one.sync(first)).expunged_seqs.tolist(), [2])


async def modseqs_only_grow(store: Store) -> None:
    """Every change gets a higher one; conditional stores are refused by it (RFC 7162)."""
    await store.create(INBOX)
    box = await store.open()
    seen = [(await box.status()).highest_modseq]
    await box.append([mail(1), mail(2)])
    seen.append((await box.status()).highest_modseq)
    view = await box.open_view(read_only=False)
    stored = await box.store(view, UidSet([1]), FlagChange(mode="add", flags=SEEN))
    seen.append((await box.status()).highest_modseq)
    expect("ascending", seen, sorted(set(seen)))
    late = FlagChange(mode="add", flags=FLAGGED, unchanged_since=stored.modseq - 1)
    result = await box.store(view, UidSet([1, 2]), late)
    expect("modified", (list(result.changed), list(result.modified)), ([2], [1]))
    expect("search", list(await box.search(view, q.Modseq(stored.modseq))), [1, 2])
    highest = (await box.status()).highest_modseq
    await box.close()
    del box, view
    box = await store.reopened().open()
    assert (await box.status()).highest_modseq >= highest, "HIGHESTMODSEQ went back over a restart"


async def mailboxes_are_kept(store: Store) -> None:
    """Create, list, rename with children, delete without them, subscribe."""
    boxes = store.format.mailboxes
    await store.create(INBOX, ("A",), ("A", "B"), ("Ä & ö",))
    found = {box.path for box in await boxes.walk() if box.selectable}
    expect("mailboxes", found, {INBOX, ("A",), ("A", "B"), ("Ä & ö",)})
    other = await store.open(("A", "B"))
    await other.append([mail(1)])
    validity = (await other.status()).uid_validity
    await other.close()
    del other
    await boxes.rename(("A",), ("C",))
    found = {box.path for box in await boxes.walk() if box.selectable}
    expect("renamed", found, {INBOX, ("C",), ("C", "B"), ("Ä & ö",)})
    moved = await store.open(("C", "B"))
    status = await moved.status()
    expect("after rename", (status.messages, status.uid_validity), (1, validity))
    await boxes.delete(("C",))
    expect("child stays", await boxes.exists(("C", "B")), True)
    expect("deleted", await boxes.exists(("C",)), False)
    await boxes.subscribe(("Ä & ö",), True)
    await boxes.subscribe(("gone",), True)
    await boxes.subscribe(("gone",), False)
    expect("subscriptions", set(await boxes.subscriptions()), {("Ä & ö",)})


async def many_appends_at_once(store: Store) -> None:
    """Concurrent deliveries in one process: all are there, each with a UID of its own."""
    await store.create(INBOX)
    box = await store.open()
    uids: list[int] = []

    async def deliver(number: int) -> None:
        uids.extend(one.uid for one in await box.append([mail(number)]))

    async with trio.open_nursery() as nursery:
        for number in range(20):
            nursery.start_soon(deliver, number)
    expect("UIDs", sorted(uids), list(range(1, 21)))
    view = await box.open_view(read_only=True)
    expect("view", view.uids.tolist(), list(range(1, 21)))


async def processes_share_a_mailbox(store: Store) -> None:
    """Several processes append, flag and expunge at the same time: no mail is lost, no UID is
    given twice, and who has it open sees it all."""
    await store.create(INBOX)
    box = await store.open()
    await box.append([mail(0)])
    view = await box.open_view(read_only=False)
    code = f"from culver.testing.storage import work; work({store.cls.__module__!r},"
    code += f" {store.cls.__qualname__!r}, {str(store.root)!r}, {store.options!r})"
    command = [sys.executable, "-c", code]
    async with trio.open_nursery() as nursery:
        for _ in range(_PROCESSES):
            nursery.start_soon(trio.run_process, command)
        await box.append([mail(1)])
    await box.sync(view)
    (batch,) = await rows(box, view)
    total = 2 + _PROCESSES * (_MAILS_EACH - 1)
    expect("mails", len(batch.uids), total)
    expect("flagged", int(np.count_nonzero(batch.flags & FLAGGED)), _PROCESSES * (_MAILS_EACH - 1))
    expect("next UID", (await box.status()).uid_next, 3 + _PROCESSES * _MAILS_EACH)


def work(module: str, name: str, root: str, options: dict[str, str]) -> None:
    """What each process of :func:`processes_share_a_mailbox` does."""
    cls = getattr(importlib.import_module(module), name)
    trio.run(_work, Store(cls, Path(root), options))


async def _work(store: Store) -> None:
    box = await store.open()
    view = await box.open_view(read_only=False)
    mine: list[int] = []
    for number in range(_MAILS_EACH):
        mine += [one.uid for one in await box.append([mail(number)])]
        await box.sync(view)
        change = FlagChange(mode="add", flags=FLAGGED)
        await box.store(view, UidSet(mine[-1:]), change)
    await box.store(view, UidSet(mine[:1]), FlagChange(mode="add", flags=DELETED))
    await box.expunge(view, UidSet(mine[:1]))


Check = Callable[[Store], Awaitable[None]]

CHECKS: Final[Sequence[Check]] = (
    append_gives_back_what_was_saved,
    flags_and_keywords_stay,
    expunge_removes_for_good,
    copies_and_moves,
    sessions_see_each_other,
    modseqs_only_grow,
    mailboxes_are_kept,
    many_appends_at_once,
    processes_share_a_mailbox,
)
"""Every check; use it to parametrize a test, so that each shows by its name."""


async def check_storage_format(
    cls: type[StorageFormat], directory: Path, options: dict[str, str] | None = None
) -> None:
    """Run all checks on a format, each in an empty directory below ``directory``.  ``options`` are
    keys of mail_location, such as ``{"INDEX": "MEMORY"}``."""
    for check in CHECKS:
        root = directory / check.__name__
        root.mkdir()
        try:
            await check(Store(cls, root / "mail", options))
        except (AssertionError, subprocess.CalledProcessError) as error:
            raise AssertionError(f"{cls.name}: {check.__name__}: {error}") from error
