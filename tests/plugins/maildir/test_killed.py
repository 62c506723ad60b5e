"""Writers killed with SIGKILL at random points: what was acknowledged is there afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.flags import FLAGGED
from culver.mail.storage import INBOX
from culver.testing.storage import Store, expect, rows
from culver_plugins.maildir.format import MaildirFormat

_ROUNDS = 100
_WRITER = """
import os, sys, trio
from pathlib import Path
from culver.mail.changes import FlagChange
from culver.mail.flags import FLAGGED
from culver.mail.uids import UidSet
from culver.testing.storage import Store, mail
from culver_plugins.maildir.format import MaildirFormat

def say(what):
    os.write(1, what.encode() + b"\\n")

async def write(number):
    box = await Store(MaildirFormat, Path(sys.argv[1])).open()
    view = await box.open_view(read_only=False)
    while True:
        (saved,) = await box.append([mail(number)])
        say(f"saved {saved.uid}")
        await box.sync(view)
        change = FlagChange(mode="add", flags=FLAGGED, keywords=("kw",))
        await box.store(view, UidSet([saved.uid]), change)
        say(f"flagged {saved.uid}")
        if saved.uid % 3 == 0:
            await box.store(view, UidSet([saved.uid]), FlagChange(mode="add", flags=4))
            say(f"removing {saved.uid}")
            await box.expunge(view, UidSet([saved.uid]))
            say(f"removed {saved.uid}")

while True:
    if os.fork() == 0:
        trio.run(write, os.getpid())
    pid = os.wait()[0]
"""


def _said(killed: list[bytes]) -> dict[str, set[int]]:
    words: dict[str, set[int]] = {"saved": set(), "flagged": set(), "removing": set()}
    words["removed"] = set()
    for line in b"".join(killed).decode().splitlines():
        what, _, uid = line.partition(" ")
        if uid:
            words[what].add(int(uid))
    return words


def _run_and_kill(root: Path, count: int) -> list[bytes]:
    """Run a writer that is killed and started anew, each time after some more of its words."""
    chance = random.Random(4711)
    said: list[bytes] = []
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(root)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    try:
        for _ in range(count):
            said += [writer.stdout.readline() for _ in range(chance.randrange(1, 8))]
            for _ in range(chance.randrange(20_000)):
                pass  # somewhere within what it does next
            children = Path(f"/proc/{writer.pid}/task/{writer.pid}/children").read_text()
            for child in children.split():
                os.kill(int(child), 9)
    finally:
        writer.send_signal(signal.SIGSTOP)  # it shall not start another
        for child in Path(f"/proc/{writer.pid}/task/{writer.pid}/children").read_text().split():
            os.kill(int(child), 9)
        writer.kill()
        said.append(writer.stdout.read())
        writer.stdout.close()
        writer.wait()
    return said


async def _check(box: EngineMailbox, words: dict[str, set[int]]) -> None:
    view = await box.open_view(read_only=False)
    (batch,) = await rows(box, view)
    there = batch.uids.tolist()
    lost = words["saved"] - words["removing"] - set(there)
    expect("acknowledged mails that are gone", sorted(lost), [])
    expect("expunged mails that are back", sorted(words["removed"] & set(there)), [])
    flagged = set(batch.uids[batch.flags & np.uint8(FLAGGED) != 0].tolist())
    expect("lost flags", sorted((words["flagged"] & set(there)) - flagged), [])
    with_keyword = {u for u, k in zip(there, batch.keywords, strict=True) if k == ("kw",)}
    expect("lost keywords", sorted((words["flagged"] & set(there)) - with_keyword), [])


async def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    store = Store(MaildirFormat, tmp_path / "mail")
    await store.create(INBOX)
    words = _said(_run_and_kill(tmp_path / "mail", _ROUNDS))
    assert len(words["saved"]) >= _ROUNDS // 4
    await _check(await store.open(), words)
    # The files alone say the same.
    await _check(await Store(MaildirFormat, store.root, {"INDEX": "MEMORY"}).open(), words)
