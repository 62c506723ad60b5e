"""The contract: Dovecot and culver work on the same store, alternately and at the same time."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from culver.index.cachefile import CacheFile
from culver.index.engine import MailboxIndex
from culver.mail import flags as f
from culver.mail.changes import FlagChange
from culver.mail.columns import Batch, Wanted
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.engine.shared import SharedBox
from culver.mail.location import parse_location
from culver.mail.newmail import NewMail
from culver.mail.storage import INBOX, MailboxPath
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver.testing.storage import Defaults, Store, append_gives_back_what_was_saved
from culver_events.scope import Scope
from culver_plugins.maildir.format import MaildirFormat

pytestmark = pytest.mark.interop

_NAMES = {
    "\\Answered": f.ANSWERED,
    "\\Flagged": f.FLAGGED,
    "\\Deleted": f.DELETED,
    "\\Seen": f.SEEN,
    "\\Draft": f.DRAFT,
}
_FIELDS = "uid guid flags size.virtual size.physical date.received modseq"


_CONFIG = """
base_dir = {root}/run
log_path = {root}/log
mail_location = maildir:{root}/mail{options}
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 100
ssl = no
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


class Dovecot:
    """doveadm on a store, run as the user ``nobody``; no daemon is started."""

    def __init__(self, root: Path, options: str = "") -> None:
        self.root = root
        self.mail = root / "mail"
        self.config = root / "dovecot.conf"
        self.config.write_text(_CONFIG.format(root=root, options=options.format(root=root)))
        (root / "home").mkdir()
        self.mail.mkdir()
        for path in (root, root / "home", self.mail):
            os.chmod(path, 0o755)
        self.own()

    def own(self) -> None:
        """Give what culver wrote in this process, which is root's, to the mail user."""
        nobody = pwd.getpwnam("nobody")
        for directory, _, names in os.walk(self.root):
            os.chown(directory, nobody.pw_uid, nobody.pw_gid)
            for name in names:
                os.chown(os.path.join(directory, name), nobody.pw_uid, nobody.pw_gid)

    def command(self, *args: str) -> list[str]:
        """The command line of doveadm."""
        return ["doveadm", "-c", str(self.config), *args]

    @property
    def environment(self) -> dict[str, str]:
        """Whose mail it is."""
        return {**os.environ, "USER": "alice", "HOME": str(self.root / "home")}

    def __call__(self, *args: str, stdin: bytes = b"") -> str:
        """Run doveadm; its complaints fail the test."""
        self.own()
        done = subprocess.run(
            self.command(*args),
            input=stdin,
            capture_output=True,
            env=self.environment,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()
        assert b"Error" not in done.stderr, done.stderr.decode()
        assert b"Warning" not in done.stderr, done.stderr.decode()
        return done.stdout.decode()

    def complaints(self) -> list[str]:
        """The errors and warnings in its log."""
        log = self.root / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [line for line in lines if "Error" in line or "Warning" in line or "Panic" in line]

    def rows(self, fields: str, *query: str) -> list[dict[str, str]]:
        """``doveadm fetch`` as dictionaries."""
        text = self("-f", "tab", "fetch", fields, *query)
        head, *lines = text.rstrip("\n").split("\n")
        names = head.split("\t")
        return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]

    @contextmanager
    def as_mail_user(self) -> Iterator[None]:
        """Do file work as the mail user, as a worker does."""
        nobody = pwd.getpwnam("nobody")
        os.setegid(nobody.pw_gid)
        os.seteuid(nobody.pw_uid)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)


@pytest.fixture
def make_dovecot() -> Iterator[Callable[[str], Dovecot]]:
    """Makes a store with options of mail_location, such as ``:LAYOUT=fs``."""
    if shutil.which("doveadm") is None:
        pytest.skip("the real Dovecot (doveadm) is not installed")
    if os.geteuid() != 0:
        pytest.skip("doveadm can only be run by root, who becomes the mail user")

    with contextlib.ExitStack() as stack:
        # Not below pytest's own directory, which it closes to everybody but root.
        def make(options: str = "") -> Dovecot:
            directory = tempfile.TemporaryDirectory(prefix="maildir")
            return Dovecot(Path(stack.enter_context(directory)), options)

        yield make


@pytest.fixture
def dovecot(make_dovecot: Callable[[str], Dovecot]) -> Dovecot:
    """A Maildir++ store."""
    return make_dovecot("")


def ours(dovecot: Dovecot, options: str = "") -> MaildirFormat:
    location = parse_location(f"maildir:{dovecot.mail}{options}", None)
    context = StorageContext(user="alice", home=None, scope=Scope(), config=Defaults())
    return MaildirFormat(location, context)


async def opened(format: MaildirFormat, path: MailboxPath = INBOX) -> EngineMailbox:
    return EngineMailbox("/".join(path), await SharedBox.open(format, path), Scope())


async def everything(box: EngineMailbox) -> Batch:
    view = await box.open_view(read_only=True)
    wanted = Wanted(sizes=True, received=True, guids=True, bodies=True, modseqs=True)
    batches = [batch async for batch in box.fetch(view, UidSet(view.uids), wanted)]
    assert len(batches) == 1
    return batches[0]


async def same(dovecot: Dovecot, box: EngineMailbox, name: str = "INBOX") -> list[int]:
    """What Dovecot shows of the mailbox is what we show.  Returns the UIDs."""
    status = dict(
        word.split("=")
        for word in dovecot(
            "mailbox", "status", "uidvalidity uidnext messages guid highestmodseq", name
        )
        .rstrip("\n")
        .rpartition(f"{name} ")[2]
        .split()
    )
    mine = await box.status()
    assert str(mine.uid_validity) == status["uidvalidity"]
    assert str(mine.uid_next) == status["uidnext"]
    assert str(mine.messages) == status["messages"]
    assert mine.guid == status["guid"]
    assert str(mine.highest_modseq) == status["highestmodseq"]
    rows = dovecot.rows(_FIELDS, "mailbox", name, "all")
    batch = await everything(box)
    assert [int(row["uid"]) for row in rows] == batch.uids.tolist()
    assert [row["guid"] for row in rows] == batch.guids
    assert batch.sizes is not None
    assert [int(row["size.virtual"]) for row in rows] == batch.sizes.tolist()
    words = [set(row["flags"].split()) - {"\\Recent"} for row in rows]
    assert [sum(_NAMES.get(w, 0) for w in row) for row in words] == batch.flags.tolist()
    keywords = batch.keywords or [()] * len(rows)
    assert [{w for w in row if w not in _NAMES} for row in words] == [set(k) for k in keywords]
    assert batch.modseqs is not None
    assert [int(row["modseq"]) for row in rows] == batch.modseqs.tolist()
    uids: list[int] = batch.uids.tolist()
    assert dovecot.complaints() == []
    return uids


async def test_what_dovecot_wrote(dovecot: Dovecot) -> None:
    for number in range(3):
        dovecot("save", "-m", "INBOX", stdin=f"Subject: {number}\n\nbody {number}\n".encode())
    dovecot("flags", "add", "\\Seen \\Flagged $Label1 plain", "mailbox", "INBOX", "uid", "1:2")
    dovecot("flags", "add", "\\Answered \\Draft \\Deleted second", "mailbox", "INBOX", "uid", "2")
    dovecot("mailbox", "create", "-s", "Archiv/Öl & Gas")
    dovecot("copy", "Archiv/Öl & Gas", "mailbox", "INBOX", "all")
    dovecot("copy", "Archiv/Öl & Gas", "mailbox", "INBOX", "uid", "1")
    dovecot("expunge", "mailbox", "INBOX", "uid", "3")
    format = ours(dovecot)
    path = ("Archiv", "Öl & Gas")
    assert {INBOX, path} <= {box.path for box in await format.mailboxes.walk()}
    assert await format.mailboxes.subscriptions() == {path}
    assert await same(dovecot, await opened(format)) == [1, 2]
    copies = await opened(format, path)
    assert await same(dovecot, copies, "Archiv/Öl & Gas") == [1, 2, 3, 4]
    assert (await everything(copies)).bodies[0] == b"Subject: 0\n\nbody 0\n"


async def test_what_we_wrote(dovecot: Dovecot) -> None:
    format = ours(dovecot)
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


@pytest.mark.parametrize(
    "options",
    [
        "",
        ":LAYOUT=fs",
        ":UTF-8",
        ":CONTROL={root}/control",
        ":INDEX={root}/index",
        ":INDEX={root}/index:CONTROL={root}/control:LAYOUT=fs",
    ],
)
async def test_in_turns(make_dovecot: Callable[[str], Dovecot], options: str) -> None:
    dovecot = make_dovecot(options)
    if "{root}" in options:
        options = options.format(root=dovecot.root)
        text = dovecot.config.read_text().replace("{root}", str(dovecot.root))
        dovecot.config.write_text(text)
    format = ours(dovecot, options)
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
    format = ours(dovecot)
    await format.mailboxes.create(INBOX)
    await format.mailboxes.create(("a", "b"))
    dovecot("save", "-m", "a/b", stdin=b"a: b\n\n")
    dovecot("mailbox", "rename", "a/b", "c")
    assert {box.path for box in await format.mailboxes.walk()} == {INBOX, ("c",)}
    await format.mailboxes.rename(("c",), ("d", "e"))
    assert set(dovecot("mailbox", "list").split()) >= {"INBOX", "d/e"}
    assert await same(dovecot, await opened(format, ("d", "e")), "d/e") == [1]
    dovecot("mailbox", "subscribe", "d/e")
    await format.mailboxes.subscribe(("d", "e"), False)
    assert dovecot("mailbox", "list", "-s") == ""
    await format.mailboxes.delete(("d", "e"))
    assert "d/e" not in dovecot("mailbox", "list").split()


async def test_at_the_same_time(dovecot: Dovecot) -> None:
    """Both save and change flags at once; afterwards both show the same, and nothing is lost."""
    format = ours(dovecot)
    await format.mailboxes.create(INBOX)
    # What Python imports at its first use may not be readable for the mail user.
    await append_gives_back_what_was_saved(Store(MaildirFormat, dovecot.root / "warm"))
    dovecot.own()
    script = "".join(
        f"printf 'Subject: t{n}\\n\\nx\\n' | {' '.join(dovecot.command('save', '-m', 'INBOX'))};"
        f"{' '.join(dovecot.command('flags', 'add', 'theirs', 'mailbox', 'INBOX', 'all'))};"
        for n in range(6)
    )
    theirs = subprocess.Popen(  # noqa: ASYNC220 - it only starts it
        ["sh", "-c", script], env=dovecot.environment, stderr=subprocess.PIPE
    )
    with dovecot.as_mail_user():
        box = await opened(format)
        view = await box.open_view(read_only=False)
        saved: list[int] = []
        while theirs.poll() is None or len(saved) < 20:
            saved += [one.uid for one in await box.append([NewMail(body=b"Subject: o\n\nx\n")])]
            await box.sync(view)
            change = FlagChange(mode="add", flags=f.FLAGGED, keywords=("ours",))
            await box.store(view, UidSet(view.uids[-3:]), change)
            await trio.lowlevel.checkpoint()
        await box.sync(view)
    _, complaints = theirs.communicate()
    assert complaints == b""
    assert len(set(saved)) == len(saved)
    uids = await same(dovecot, box)
    assert len(uids) == len(saved) + 6
    assert set(saved) <= set(uids)
    batch = await everything(box)
    mine = [k for uid, k in zip(batch.uids.tolist(), batch.keywords, strict=True) if uid in saved]
    assert all("ours" in keywords for keywords in mine)


@pytest.mark.parametrize("layout", ["", ":LAYOUT=fs"])
async def test_inbox_has_its_files_where_dovecot_has_them(
    make_dovecot: Callable[[str], Dovecot], layout: str
) -> None:
    options = ":INDEX={root}/index:CONTROL={root}/control" + layout
    dovecot = make_dovecot(options)
    dovecot("save", "-m", "INBOX", stdin=b"a: b\n\nx\n")

    def places() -> list[Path]:
        names = ("dovecot.index.log", "dovecot-uidlist")
        return sorted(p.parent for name in names for p in dovecot.root.rglob(name))

    before = places()
    assert len(before) == 2
    box = await opened(ours(dovecot, options.format(root=dovecot.root)))
    assert await same(dovecot, box) == [1]
    assert places() == before


async def test_keywords_beyond_the_letters(dovecot: Dovecot) -> None:
    format = ours(dovecot)
    await format.mailboxes.create(INBOX)
    box = await opened(format)
    names = [f"k{n:02}" for n in range(40)]
    await box.append([NewMail(body=b"a: b\n\n", keywords=tuple(names[:30]))])
    assert await same(dovecot, box) == [1]
    dovecot("flags", "add", " ".join(names[30:]), "mailbox", "INBOX", "uid", "1")
    dovecot("flags", "remove", "k00 k29", "mailbox", "INBOX", "uid", "1")
    assert await same(dovecot, box) == [1]
    batch = await everything(box)
    assert sorted(batch.keywords[0]) == [*names[1:29], *names[30:]]
    view = await box.open_view(read_only=False)
    change = FlagChange(mode="replace", flags=f.SEEN, keywords=("k01", "k39", "new"))
    await box.store(view, UidSet([1]), change)
    assert await same(dovecot, box) == [1]


async def test_a_settled_mailbox_is_opened_without_reading_the_directories(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        dovecot("save", "-m", "INBOX", stdin=f"Subject: {number}\n\nx\n".encode())
    dovecot("flags", "add", "\\Seen", "mailbox", "INBOX", "uid", "2")
    long_ago = time.time() - 1000
    for part in ("new", "cur"):
        os.utime(dovecot.mail / part, (long_ago, long_ago))
    dovecot("fetch", "uid", "mailbox", "INBOX", "all")  # looks, and notes what it saw
    monkeypatch.setattr(os, "listdir", None)
    box = await opened(ours(dovecot))
    view = await box.open_view(read_only=True)
    flags = [batch.flags.tolist() async for batch in box.fetch(view, UidSet(view.uids), Wanted())]
    assert flags == [[0, f.SEEN, 0]]


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
@pytest.mark.parametrize("name", ["dovecot.index", "dovecot.index.log", "both"])
async def test_dovecot_goes_on_where_we_mended(dovecot: Dovecot, name: str, damage: str) -> None:
    dovecot("save", "-m", "INBOX", stdin=b"a: b\n\nx\n")
    dovecot("flags", "add", "\\Seen kw", "mailbox", "INBOX", "uid", "1")
    names = ["dovecot.index", "dovecot.index.log"] if name == "both" else [name]
    for path in (dovecot.mail / one for one in names):
        if path.exists():
            data = path.read_bytes()
            path.write_bytes(data[:50] if damage == "cut" else bytes(b ^ 0x55 for b in data))
            if damage == "gone":
                path.unlink()
    box = await opened(ours(dovecot))
    await box.append([NewMail(body=b"c: d\n\ny\n", flags=f.FLAGGED)])
    assert await same(dovecot, box) == [1, 2]
    batch = await everything(box)
    assert batch.flags.tolist() == [f.SEEN, f.FLAGGED]
    assert batch.keywords[0] == ("kw",)


async def test_the_cache_is_dovecots(dovecot: Dovecot) -> None:
    """What each writes to the cache is what the other would have written."""
    names = ["imap.envelope", "imap.bodystructure", "hdr.subject", "hdr.received", "date.sent"]
    names += ["size.virtual", "mime.parts"]
    text = b"Received: a\n b\nDate: Sat, 3 Feb 2001 23:30:00 -0800\nSubject: one\n two\n"
    text += b"Received: c\nContent-Type: text/html\nFrom: a <b@c>\n\nx\ny\n"
    format = ours(dovecot)
    await format.mailboxes.create(INBOX)
    dovecot("save", "-m", "INBOX", stdin=text)
    asked = "imap.envelope imap.bodystructure hdr.subject hdr.received date.sent size.virtual"
    theirs = dovecot("fetch", asked, "mailbox", "INBOX", "uid", "1")
    box = await opened(format)
    view = await box.open_view(read_only=True)
    wanted = Wanted(cached=tuple(n for n in names if n != "size.virtual"), sizes=True)
    await box.append([NewMail(body=text)])
    await box.sync(view)
    assert len([batch async for batch in box.fetch(view, UidSet(view.uids), wanted)]) == 1
    files = MailboxIndex(dovecot.mail)
    files.open()
    first, second = CacheFile(files).lookup([1, 2], names)
    assert second.keys() == set(names)
    assert {name: second[name] for name in first} == first
    assert len(first) >= 5
    for uid in ("1", "2"):
        assert dovecot("fetch", asked, "mailbox", "INBOX", "uid", uid) == theirs
    assert await same(dovecot, box) == [1, 2]
