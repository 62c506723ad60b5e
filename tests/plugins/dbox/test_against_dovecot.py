"""The contract: Dovecot and culver work on the same dbox, alternately."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.plugins.dbox.dovecot import FORMATS, Dovecot, everything, opened, same

from culver.mail import flags as f
from culver.mail.changes import FlagChange
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX
from culver.mail.uids import UidSet

pytestmark = pytest.mark.interop

Make = Callable[..., Dovecot]


async def test_what_dovecot_wrote(dovecot: Dovecot) -> None:
    for number in range(3):
        dovecot("save", "-m", "INBOX", stdin=f"Subject: {number}\n\nbody {number}\n".encode())
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
    assert await same(dovecot, await opened(format)) == [1, 2]
    copies = await opened(format, path)
    assert await same(dovecot, copies, "Archiv/Öl & Gas") == [1, 2, 3, 4]
    assert (await everything(copies)).bodies[0] == b"Subject: 0\n\nbody 0\n"


async def test_what_we_wrote(dovecot: Dovecot) -> None:
    format = dovecot.format()
    path = ("Archiv", "Öl & Gas")
    await format.mailboxes.create(INBOX)
    await format.mailboxes.create(path)
    await format.mailboxes.subscribe(path, True)
    box, other = await opened(format), await opened(format, path)
    await box.append(
        [NewMail(body=b"Subject: %d\r\n\r\nx\r\n" % n, received=10**9) for n in range(3)]
    )
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
    assert dovecot.rows("date.received", "uid", "1")[0]["date.received"].startswith("2001-09-0")
    assert "Subject: 1" in dovecot("fetch", "text", "mailbox", "INBOX", "uid", "2")


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize(
    "options", ["", ":UTF-8", ":INDEX={root}/index", ":CONTROL={root}/control", ":ALT={root}/alt"]
)
async def test_in_turns(make_dovecot: Make, name: str, options: str) -> None:
    dovecot = make_dovecot(name, options)
    format = dovecot.format()
    dovecot("mailbox", "create", "Füße/Zehen")
    path = ("Füße", "Zehen")
    box = await opened(format, path)
    view = await box.open_view(read_only=False)
    for turn in range(3):
        dovecot("save", "-m", "Füße/Zehen", stdin=b"Subject: theirs\n\n%d\n" % turn)
        assert (await box.sync(view)).appeared == 1
        await box.append([NewMail(body=b"Subject: ours\n\n%d\n" % turn)])
        await box.sync(view)
        uid = len(view)
        dovecot("flags", "add", f"\\Flagged kw{turn}", "mailbox", "Füße/Zehen", "uid", str(uid))
        assert list((await box.sync(view)).flags) == [uid]
        change = FlagChange(mode="add", flags=f.SEEN, keywords=(f"kx{turn}",))
        await box.store(view, UidSet([uid - 1]), change)
        assert await same(dovecot, box, "Füße/Zehen") == list(range(1, 3 + 2 * turn))
    dovecot("expunge", "mailbox", "Füße/Zehen", "uid", "2,5")
    assert (await box.sync(view)).expunged_seqs.tolist() == [2, 5]
    await box.store(view, UidSet([1]), FlagChange(mode="replace", flags=f.DELETED))
    await box.expunge(view, None)
    assert await same(dovecot, box, "Füße/Zehen") == [3, 4, 6]


async def test_mailboxes_in_turns(dovecot: Dovecot) -> None:
    format = dovecot.format()
    await format.mailboxes.create(INBOX)
    await format.mailboxes.create(("a", "b"))
    dovecot("save", "-m", "a/b", stdin=b"a: b\n\n")
    dovecot("mailbox", "rename", "a/b", "c")
    assert {box.path for box in await format.mailboxes.walk() if box.selectable} == {INBOX, ("c",)}
    await format.mailboxes.rename(("c",), ("d", "e"))
    assert set(dovecot("mailbox", "list").split()) >= {"INBOX", "d/e"}
    assert await same(dovecot, await opened(format, ("d", "e")), "d/e") == [1]
    dovecot("mailbox", "subscribe", "d/e")
    await format.mailboxes.subscribe(("d", "e"), False)
    assert dovecot("mailbox", "list", "-s") == ""
    await format.mailboxes.delete(("d", "e"))
    assert "d/e" not in dovecot("mailbox", "list").split()
    assert not await format.mailboxes.exists(("d", "e"))
