"""The real Dovecot on a dbox store: doveadm without a daemon, and what both must agree on."""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from culver.mail import flags as f
from culver.mail.columns import Batch, Wanted
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.engine.shared import SharedBox
from culver.mail.location import parse_location
from culver.mail.storage import INBOX, MailboxPath, StorageFormat
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver.testing.storage import Defaults
from culver_events.scope import Scope
from culver_plugins.mdbox.format import MdboxFormat
from culver_plugins.sdbox.format import SdboxFormat

NAMES = {
    "\\Answered": f.ANSWERED,
    "\\Flagged": f.FLAGGED,
    "\\Deleted": f.DELETED,
    "\\Seen": f.SEEN,
    "\\Draft": f.DRAFT,
}
FIELDS = "uid guid flags modseq size.virtual size.physical date.received date.saved"

CONFIG = """
base_dir = {root}/run
log_path = /dev/stderr
mail_location = {name}:{root}/mail{options}
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 100
ssl = no
{settings}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""

FORMATS: dict[str, type[SdboxFormat] | type[MdboxFormat]] = {
    "sdbox": SdboxFormat,
    "mdbox": MdboxFormat,
}


class Dovecot:
    """doveadm on a store, run as the user ``nobody``."""

    def __init__(self, root: Path, name: str, options: str = "", settings: str = "") -> None:
        self.root = root
        self.name = name
        self.options = options.replace("{root}", str(root))
        self.mail = root / "mail"
        self.config = root / "dovecot.conf"
        self.config.write_text(
            CONFIG.format(root=root, name=name, options=self.options, settings=settings)
        )
        for path in (root, root / "home", self.mail, root / "alt"):
            path.mkdir(exist_ok=True)
            path.chmod(0o755)
        self.complaints: list[str] = []
        self.own()

    def own(self) -> None:
        """Give what culver wrote in this process, which is root's, to the mail user."""
        nobody = pwd.getpwnam("nobody")
        for path in (self.root, *self.root.rglob("*")):
            # Not again: it changes the ctime, which is sdbox's save date.
            if path.lstat().st_uid != nobody.pw_uid:
                os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)

    @property
    def command(self) -> list[str]:
        """The command line of doveadm."""
        return ["doveadm", "-c", str(self.config)]

    @property
    def environment(self) -> dict[str, str]:
        """Whose mail it is."""
        return {**os.environ, "USER": "alice", "HOME": str(self.root / "home")}

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

    def __call__(self, *args: str, stdin: bytes = b"", quiet: bool = True) -> str:
        """Run doveadm; with ``quiet`` a complaint of it fails the test."""
        self.own()
        done = subprocess.run(
            [*self.command, *args],
            input=stdin,
            capture_output=True,
            env=self.environment,
            check=False,
            timeout=60,
        )
        said = done.stderr.decode()
        self.complaints += said.splitlines()
        assert done.returncode == 0, said
        if quiet:
            assert "Error" not in said, said
            assert "Warning" not in said, said
        return done.stdout.decode()

    def rows(self, fields: str, *query: str) -> list[dict[str, str]]:
        """``doveadm fetch`` as dictionaries."""
        head, *lines = self("-f", "tab", "fetch", fields, *query).rstrip("\n").split("\n")
        names = head.split("\t")
        return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]

    def status(self, name: str) -> dict[str, str]:
        """``doveadm mailbox status`` of a mailbox."""
        fields = "uidvalidity uidnext messages unseen highestmodseq guid"
        line = self("mailbox", "status", fields, name).rstrip("\n").rpartition(f"{name} ")[2]
        return dict(word.split("=") for word in line.split())

    def format(self) -> SdboxFormat | MdboxFormat:
        """Ours, on the same store."""
        location = parse_location(f"{self.name}:{self.mail}{self.options}", None)
        context = StorageContext(user="alice", home=None, scope=Scope(), config=Defaults())
        return FORMATS[self.name](location, context)


async def opened(format: StorageFormat, path: MailboxPath = INBOX) -> EngineMailbox:
    """A session's mailbox."""
    return EngineMailbox("/".join(path), await SharedBox.open(format, path), Scope())


async def everything(box: EngineMailbox) -> Batch:
    """All columns of all mails."""
    view = await box.open_view(read_only=True)
    wanted = Wanted(modseqs=True, sizes=True, received=True, saved=True, guids=True, bodies=True)
    batches = [batch async for batch in box.fetch(view, UidSet(view.uids), wanted)]
    assert len(batches) == 1
    return batches[0]


async def same(dovecot: Dovecot, box: EngineMailbox, name: str = "INBOX") -> list[int]:
    """What Dovecot shows of the mailbox is what we show.  Returns the UIDs."""
    theirs = dovecot.status(name)
    mine = await box.status()
    assert {
        "uidvalidity": str(mine.uid_validity),
        "uidnext": str(mine.uid_next),
        "messages": str(mine.messages),
        "unseen": str(mine.unseen),
        "highestmodseq": str(mine.highest_modseq),
        "guid": mine.guid,
    } == theirs
    rows = dovecot.rows(FIELDS, "mailbox", name, "all")
    batch = await everything(box)
    assert [int(row["uid"]) for row in rows] == batch.uids.tolist()
    assert [row["guid"] for row in rows] == batch.guids
    assert batch.sizes is not None
    assert batch.modseqs is not None
    assert [int(row["size.virtual"]) for row in rows] == batch.sizes.tolist()
    assert [int(row["size.physical"]) for row in rows] == [len(b) for b in batch.bodies]
    assert batch.received is not None
    assert batch.saved is not None
    local = "%Y-%m-%d %H:%M:%S"
    columns = {"date.received": batch.received}
    if dovecot.name == "mdbox":
        # sdbox has the ctime, which giving the files to the mail user changes.
        columns["date.saved"] = batch.saved
    for column, dates in columns.items():
        shown = [time.strftime(local, time.localtime(date)) for date in dates.tolist()]
        assert [row[column] for row in rows] == shown
    assert [int(row["modseq"]) for row in rows] == batch.modseqs.tolist()
    words = [set(row["flags"].split()) - {"\\Recent"} for row in rows]
    assert [sum(NAMES.get(w, 0) for w in row) for row in words] == batch.flags.tolist()
    keywords = batch.keywords or [()] * len(rows)
    assert [{w for w in row if w not in NAMES} for row in words] == [set(k) for k in keywords]
    uids: list[int] = batch.uids.tolist()
    return uids
