"""Both servers at the same time on one dbox; and writers that are killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
from tests.plugins.dbox.dovecot import FORMATS, Dovecot, everything, opened, same

from culver.mail import flags as f
from culver.mail.changes import FlagChange
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet
from culver.testing.storage import Store, append_gives_back_what_was_saved
from culver_plugins.mdbox.format import MdboxFormat

Make = Callable[..., Dovecot]

_KILLS = 12


@pytest.mark.interop
async def test_at_the_same_time(dovecot: Dovecot) -> None:
    """Both save, copy, expunge and change flags at once; afterwards both show the same."""
    format = dovecot.format()
    await format.mailboxes.create(INBOX)
    await format.mailboxes.create(("Other",))
    # What Python imports at its first use may not be readable for the mail user.
    await append_gives_back_what_was_saved(Store(FORMATS[dovecot.name], dovecot.root / "warm"))
    dovecot.own()
    command = [*dovecot.command]
    script = "".join(
        f"printf 'Subject: t{n}\\n\\nx\\n' | {' '.join([*command, 'save', '-m', 'INBOX'])};"
        f"{' '.join([*command, 'flags', 'add', 'theirs', 'mailbox', 'INBOX', 'all'])};"
        f"{' '.join([*command, 'copy', 'Other', 'mailbox', 'INBOX', 'uid', str(n + 1)])};"
        f"{' '.join([*command, 'expunge', 'mailbox', 'Other', 'uid', str(n + 1)])};"
        f"{' '.join([*command, 'purge'])};"
        for n in range(5)
    )
    theirs = subprocess.Popen(  # noqa: ASYNC220 - it only starts it
        ["sh", "-c", script], env=dovecot.environment, stderr=subprocess.PIPE
    )
    with dovecot.as_mail_user():
        box, other = await opened(format), await opened(format, ("Other",))
        view = await box.open_view(read_only=False)
        saved: list[int] = []
        copied = 0
        while theirs.poll() is None or len(saved) < 20:
            saved += [one.uid for one in await box.append([NewMail(body=b"Subject: o\n\nx\n")])]
            await box.sync(view)
            change = FlagChange(mode="add", flags=f.FLAGGED, keywords=("ours",))
            await box.store(view, UidSet(view.uids[-3:]), change)
            if len(saved) % 4 == 0:
                copied += len((await box.copy(view, UidSet(saved[-1:]), other)).target)
            if isinstance(format, MdboxFormat) and len(saved) % 16 == 0:
                await format.purge()
            await trio.lowlevel.checkpoint()
        await box.sync(view)
    _, complaints = theirs.communicate()
    assert complaints == b""
    assert len(set(saved)) == len(saved)
    uids = await same(dovecot, box)
    assert len(uids) == len(saved) + 5
    assert set(saved) <= set(uids)
    batch = await everything(box)
    mine = [k for uid, k in zip(batch.uids.tolist(), batch.keywords, strict=True) if uid in saved]
    assert all("ours" in keywords for keywords in mine)
    await same(dovecot, other, "Other")
    if isinstance(format, MdboxFormat):
        columns = format.storage.map.columns()
        messages = sum([(await one.status()).messages for one in (box, other)])
        assert int(columns.refs.sum()) == messages


WRITER = """
import sys, trio
from pathlib import Path
from culver.mail.changes import FlagChange
from culver.mail.flags import DELETED, SEEN
from culver.mail.newmail import NewMail
from culver.mail.uids import UidSet
from culver.testing.storage import Store
import importlib

async def main():
    module, name, root = sys.argv[1:]
    store = Store(getattr(importlib.import_module(module), name), Path(root))
    box = await store.open()
    view = await box.open_view(read_only=False)
    while True:
        saved = await box.append([NewMail(body=b"a: b\\n\\n" + b"x" * n) for n in (1, 3000)])
        print(*[f"+{one.uid} {one.guid}" for one in saved], sep="\\n", flush=True)
        await box.sync(view)
        gone = UidSet([saved[0].uid])
        await box.store(view, gone, FlagChange(mode="add", flags=DELETED))
        print(f"?{saved[0].uid}", flush=True)
        await box.expunge(view, gone)
        print(f"-{saved[0].uid}", flush=True)
        if hasattr(store.format, "purge") and saved[0].uid % 10 == 1:
            await store.format.purge()

trio.run(main)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORMATS))
async def test_killed_writers(name: str, tmp_path: Path) -> None:
    """Of what was acknowledged nothing is lost, wherever a writer dies."""
    cls = FORMATS[name]
    root = tmp_path / "mail"
    await Store(cls, root).create(INBOX)
    acknowledged: dict[int, str] = {}
    doomed: set[int] = set()
    for kill in range(_KILLS):
        command = [sys.executable, "-c", WRITER, cls.__module__, cls.__qualname__, str(root)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: ASYNC220
            assert writer.stdout is not None
            for count, line in enumerate(writer.stdout):
                if line[0] == "+":
                    uid, guid = line[1:].split()
                    assert int(uid) not in acknowledged
                    acknowledged[int(uid)] = guid
                else:
                    doomed.add(int(line[1:]))
                if count == 9 + 5 * kill:
                    writer.kill()
        store = Store(cls, root)
        box = await store.open()
        batch = await everything(box)
        found = dict(zip(batch.uids.tolist(), batch.guids, strict=True))
        for known, its_guid in acknowledged.items():
            assert found.get(known) == its_guid or (known in doomed and known not in found)
        await box.close()
    store = Store(cls, root)
    if isinstance(store.format, MdboxFormat):
        await store.format.rebuild()
    batch = await everything(await store.open())
    lasting = {guid for known, guid in acknowledged.items() if known not in doomed}
    assert lasting <= set(batch.guids)
