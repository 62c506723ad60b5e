"""The contract: Dovecot and culver work on the same mbox, alternately."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.plugins.mbox.oracle import Dovecot, everything, opened, same

from culver.mail import flags as f
from culver.mail.changes import FlagChange
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet

pytestmark = pytest.mark.interop

MAIL = (
    b"From: a@b\nDate: Thu, 29 Nov 2001 22:33:52 +0000\nMessage-ID: <%d@x>\nSubject: %d\n\nb %d\n"
)


def mail(number: int) -> bytes:
    return MAIL % (number, number, number)


@pytest.fixture
def make_dovecot() -> Iterator[Callable[[str], Dovecot]]:
    """Makes a store with options of mail_location."""
    if shutil.which("doveadm") is None:
        pytest.skip("the real Dovecot (doveadm) is not installed")
    if os.geteuid() != 0:
        pytest.skip("doveadm can only be run by root, who becomes the mail user")
    with contextlib.ExitStack() as stack:
        # Not below pytest's own directory, which it closes to everybody but root.
        def make(options: str = "") -> Dovecot:
            directory = tempfile.TemporaryDirectory(prefix="mbox")
            return Dovecot(Path(stack.enter_context(directory)), options)

        yield make


@pytest.fixture
def dovecot(make_dovecot: Callable[[str], Dovecot]) -> Dovecot:
    """An mbox store with INBOX in its root."""
    return make_dovecot("")


async def test_what_dovecot_wrote(dovecot: Dovecot) -> None:
    for number in range(3):
        dovecot("save", "-m", "INBOX", stdin=mail(number))
    dovecot("flags", "add", "\\Seen \\Flagged $Label1 plain", "mailbox", "INBOX", "uid", "1:2")
    dovecot("flags", "add", "\\Answered \\Draft \\Deleted second", "mailbox", "INBOX", "uid", "2")
    dovecot("mailbox", "create", "-s", "Archiv/Öl & Gas")
    dovecot("copy", "Archiv/Öl & Gas", "mailbox", "INBOX", "all")
    dovecot("copy", "Archiv/Öl & Gas", "mailbox", "INBOX", "uid", "1")
    dovecot("expunge", "mailbox", "INBOX", "uid", "3")
    format = dovecot.format()
    path = ("Archiv", "Öl & Gas")
    assert {INBOX, path} <= {box.path for box in await format.mailboxes.walk()}
    assert await format.mailboxes.subscriptions() == {path}
    box = await opened(format)
    assert await same(dovecot, box) == [1, 2]
    guid = dovecot("mailbox", "status", "guid", "INBOX").split("guid=")[1].strip()
    assert (await box.status()).guid == guid
    copies = await opened(format, path)
    assert await same(dovecot, copies, "Archiv/Öl & Gas") == [1, 2, 3, 4]
    assert (await everything(copies)).bodies[0] == mail(0)


async def test_what_we_wrote(dovecot: Dovecot) -> None:
    format = dovecot.format()
    path = ("Archiv", "Öl & Gas")
    await format.mailboxes.create(INBOX)
    await format.mailboxes.create(path)
    await format.mailboxes.subscribe(path, True)
    box, other = await opened(format), await opened(format, path)
    await box.append([NewMail(body=mail(n), received=10**9 + n) for n in range(3)])
    await box.append([NewMail(body=b"a: b\n\n", flags=f.SEEN, keywords=("$Label1", "kw"))])
    view = await box.open_view(read_only=False)
    change = FlagChange(mode="add", flags=f.FLAGGED | f.ANSWERED, keywords=("kw",))
    await box.store(view, UidSet([2]), change)
    await box.copy(view, UidSet([1, 2]), other)
    await box.copy(view, UidSet([1]), other)
    await box.store(view, UidSet([3]), FlagChange(mode="add", flags=f.DELETED))
    await box.expunge(view, None)
    assert await same(dovecot, box) == [1, 2, 4]
    assert await same(dovecot, other, "Archiv/Öl & Gas") == [1, 2, 3]
    assert dovecot("mailbox", "list", "-s").split("\n")[0] == "Archiv/Öl & Gas"


@pytest.mark.parametrize(
    "options",
    [
        "",
        ":INBOX={root}/spool-alice",
        ":DIRNAME=mBoX:INDEX={root}/index",
        ":UTF-8",
        ":CONTROL={root}/control",
    ],
)
async def test_in_turns(make_dovecot: Callable[[str], Dovecot], options: str) -> None:
    dovecot = make_dovecot(options)
    text = dovecot.config.read_text().replace("{root}", str(dovecot.root))
    dovecot.config.write_text(text)
    dovecot.options = options.replace("{root}", str(dovecot.root))
    format = dovecot.format()
    name, path = ("INBOX", INBOX) if "INBOX" in options else ("Füße/Zehen", ("Füße", "Zehen"))
    if path == INBOX:
        await format.mailboxes.create(INBOX)
        dovecot.inbox = dovecot.root / "spool-alice"
    else:
        dovecot("mailbox", "create", name)
    box = await opened(format, path)
    view = await box.open_view(read_only=False)
    for turn in range(3):
        dovecot("save", "-m", name, stdin=mail(turn))
        assert (await box.sync(view)).appeared == 1
        await box.append([NewMail(body=mail(100 + turn))])
        await box.sync(view)
        uid = len(view)
        dovecot("flags", "add", f"\\Flagged kw{turn}", "mailbox", name, "uid", str(uid))
        assert list((await box.sync(view)).flags) == [uid]
        change = FlagChange(mode="add", flags=f.SEEN, keywords=(f"kx{turn}",))
        await box.store(view, UidSet([uid - 1]), change)
        assert await same(dovecot, box, name) == list(range(1, 3 + 2 * turn))
    dovecot("expunge", "mailbox", name, "uid", "2,5")
    assert (await box.sync(view)).expunged_seqs.tolist() == [2, 5]
    await box.store(view, UidSet([1]), FlagChange(mode="replace", flags=f.DELETED))
    await box.expunge(view, None)
    assert await same(dovecot, box, name) == [3, 4, 6]
    dovecot("expunge", "mailbox", name, "all")
    await box.sync(view)
    assert len(view) == 0
    await box.append([NewMail(body=mail(7))])
    assert await same(dovecot, box, name) == [7]
    await box.sync(view)
    await box.store(view, UidSet([7]), FlagChange(mode="add", flags=f.DELETED))
    await box.expunge(view, None)
    dovecot("save", "-m", name, stdin=mail(8))
    assert await same(dovecot, box, name) == [8]


async def test_mailboxes_in_turns(dovecot: Dovecot) -> None:
    format = dovecot.format()
    await format.mailboxes.create(INBOX)
    await format.mailboxes.create(("a", "b"))
    dovecot("save", "-m", "a/b", stdin=mail(1))
    dovecot("mailbox", "rename", "a/b", "c")
    found = {box.path: box.selectable for box in await format.mailboxes.walk()}
    assert found.pop(("a",), False) is False
    assert found == {INBOX: True, ("c",): True}
    await format.mailboxes.rename(("c",), ("d", "e"))
    assert set(dovecot("mailbox", "list").split()) >= {"INBOX", "d/e"}
    assert await same(dovecot, await opened(format, ("d", "e")), "d/e") == [1]
    dovecot("mailbox", "subscribe", "d/e")
    await format.mailboxes.subscribe(("d", "e"), False)
    assert dovecot("mailbox", "list", "-s") == ""
    await format.mailboxes.delete(("d", "e"))
    assert "d/e" not in dovecot("mailbox", "list").split()
