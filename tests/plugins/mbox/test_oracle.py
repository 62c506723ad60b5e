"""Random work on one mailbox, each step by one of the two servers; both must show the same.

``MBOX_ORACLE_STEPS`` and ``MBOX_ORACLE_SEED`` make a longer run, or repeat one.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import trio
from tests.plugins.mbox.oracle import NAMES, Dovecot, opened, same

from culver.mail.changes import FlagChange
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet
from culver.mail.view import View

STEPS = int(os.environ.get("MBOX_ORACLE_STEPS", "40"))
SEED = int(os.environ.get("MBOX_ORACLE_SEED", "0")) or random.SystemRandom().randrange(2**32)
KEYWORDS = ("one", "$Two", "three", "a_keyword_that_is_rather_long_and_needs_some_room")


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """A store of its own."""
    if shutil.which("doveadm") is None or os.geteuid() != 0:
        pytest.skip("needs the real Dovecot (doveadm), and to be root")
    with tempfile.TemporaryDirectory(prefix="mbox") as directory:
        yield Dovecot(Path(directory))


class Work:
    """What can be done to a mailbox, by either server or by a delivery agent."""

    def __init__(self, dovecot: Dovecot, box: EngineMailbox, view: View, seed: int) -> None:
        self.dovecot = dovecot
        self.box = box
        self.view = view
        self.random = random.Random(seed)
        self.number = 0
        self.done: list[str] = []

    def mail(self) -> bytes:
        self.number += 1
        draw = self.random
        header = b"Message-ID: <%d@x>\nSubject: %d\n" % (self.number, self.number)
        if draw.random() < 0.2:
            header += b"X-UID: %d\nStatus: RO\n" % draw.randrange(1, 40)
        lines = [b"text\n", b"\n", b"From here on\n", b"\xff\xe4\n", b"x" * 3000 + b"\n"]
        return header + b"\n" + b"".join(draw.choices(lines, k=draw.randrange(6))) + b"end\n"

    def some(self) -> list[int]:
        uids: list[int] = self.view.uids.tolist()
        return sorted(self.random.sample(uids, min(len(uids), self.random.randrange(1, 4))))

    def flags(self) -> tuple[str, list[str], list[str]]:
        names = self.random.sample(sorted(NAMES), self.random.randrange(3))
        keywords = self.random.sample(KEYWORDS, self.random.randrange(3))
        return self.random.choice(["add", "remove", "replace"]), names, keywords

    async def we_append(self) -> None:
        await self.box.append(
            [NewMail(body=self.mail()) for _ in range(self.random.randrange(1, 3))]
        )

    async def dovecot_saves(self) -> None:
        self.dovecot("save", "-m", "INBOX", stdin=self.mail())

    async def somebody_delivers(self) -> None:
        line = b"From x@y Thu Nov 29 22:33:52 2001\n"
        with open(self.dovecot.inbox, "ab") as file:  # noqa: ASYNC230
            file.write(line + self.mail() + b"\n")

    async def we_flag(self) -> None:
        mode, names, keywords = self.flags()
        bits = sum(NAMES[name] for name in names)
        change = FlagChange(mode=mode, flags=bits, keywords=tuple(keywords))  # type: ignore[arg-type]
        await self.box.store(self.view, UidSet(self.some()), change)

    async def dovecot_flags(self) -> None:
        mode, names, keywords = self.flags()
        uids = ",".join(map(str, self.some()))
        if uids and (names or keywords):
            words = " ".join([*names, *keywords])
            self.dovecot("flags", mode, words, "mailbox", "INBOX", "uid", uids)

    async def we_expunge(self) -> None:
        uids = UidSet(self.some())
        await self.box.store(self.view, uids, FlagChange(mode="add", flags=NAMES["\\Deleted"]))
        await self.box.expunge(self.view, uids)

    async def dovecot_expunges(self) -> None:
        uids = ",".join(map(str, self.some()))
        if uids:
            self.dovecot("expunge", "mailbox", "INBOX", "uid", uids)

    async def step(self) -> None:
        all_works: list[Callable[[], Awaitable[None]]] = [
            self.we_append,
            self.dovecot_saves,
            self.somebody_delivers,
            self.we_flag,
            self.dovecot_flags,
            self.we_flag,
            self.dovecot_flags,
            self.we_expunge,
            self.dovecot_expunges,
        ]
        work = self.random.choice(all_works)
        self.done.append(f"{work.__name__} {self.view.uids.tolist()}")
        await work()
        await self.box.sync(self.view)


@pytest.mark.interop
@pytest.mark.parametrize("dirty", ["yes", "no"])
async def test_random_work_by_both(dovecot: Dovecot, dirty: str) -> None:
    dovecot.configure(f"mbox_dirty_syncs = {dirty}")
    format = dovecot.format()
    await format.mailboxes.create(INBOX)
    box = await opened(format)
    work = Work(dovecot, box, await box.open_view(read_only=False), SEED)
    told: dict[int, bytes] = {}
    try:
        for number in range(STEPS):
            await work.step()
            if number % 3 == 2 and len(work.view):
                await same(dovecot, box)
                async for bodies in format.read(box.shared.box, work.view.uids.tolist()):
                    for uid, body in zip(bodies.uids, bodies.bodies, strict=True):
                        assert told.setdefault(uid, body[:]) == body[:], "a mail has changed"
    except BaseException as error:
        error.add_note(f"MBOX_ORACLE_SEED={SEED}: " + "; ".join(work.done[-8:]))
        raise


@pytest.mark.interop
async def test_at_the_same_time(dovecot: Dovecot) -> None:
    """Both save and change flags at once; afterwards both show the same, and nothing is lost."""
    format = dovecot.format()
    await format.mailboxes.create(INBOX)
    box = await opened(format)
    view = await box.open_view(read_only=False)
    dovecot("save", "-m", "INBOX", stdin=b"Subject: first\n\nx\n")
    for directory in (dovecot.mail, dovecot.mail / ".imap"):
        os.chmod(directory, 0o777)
    command = ["doveadm", "-c", str(dovecot.config)]
    save, flag = " ".join([*command, "save -m INBOX"]), " ".join([*command, "flags add theirs"])
    one = f"printf 'Subject: t\\n\\nx\\n' | {save}; {flag} mailbox INBOX all;"
    theirs = subprocess.Popen(  # noqa: ASYNC220 - it only starts it
        ["sh", "-c", one * 6],
        env={**os.environ, "USER": "alice", "HOME": str(dovecot.root / "home")},
        stderr=subprocess.PIPE,
    )
    saved: list[int] = []
    while theirs.poll() is None or len(saved) < 20:
        saved += [one.uid for one in await box.append([NewMail(body=b"Subject: o\n\nx\n")])]
        await box.sync(view)
        change = FlagChange(mode="add", flags=NAMES["\\Flagged"], keywords=("ours",))
        await box.store(view, UidSet(saved[-1:]), change)
        await trio.lowlevel.checkpoint()
    _, complaints = theirs.communicate()
    assert complaints == b""
    await box.sync(view)
    assert len(set(saved)) == len(saved)
    uids = await same(dovecot, box)
    assert len(uids) == len(saved) + 7
    assert set(saved) <= set(uids)
