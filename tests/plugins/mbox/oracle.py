"""The real Dovecot on an mbox store, for tests."""

from __future__ import annotations

import os
import pwd
import subprocess
from datetime import datetime
from pathlib import Path

from culver.mail import flags as f
from culver.mail.columns import Batch, Wanted
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.engine.shared import SharedBox
from culver.mail.location import parse_location
from culver.mail.storage import INBOX, MailboxPath
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver.testing.storage import Defaults
from culver_events.scope import Scope
from culver_plugins.mbox.format import MboxFormat

NAMES = {
    "\\Answered": f.ANSWERED,
    "\\Flagged": f.FLAGGED,
    "\\Deleted": f.DELETED,
    "\\Seen": f.SEEN,
    "\\Draft": f.DRAFT,
}
_FIELDS = "uid guid flags size.virtual date.received"
_CONFIG = """
base_dir = {root}/run
log_path = {root}/log
mail_location = mbox:{root}/mail{options}
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 100
ssl = no
namespace inbox {{
  inbox = yes
  separator = /
}}
"""


# With mbox_dirty_syncs=yes Dovecot looks for the last mail where its index has it, says this of any
# program that has moved it, and then reads the whole file.
_MOVED = b"Next message unexpectedly corrupted in mbox file"


class Dovecot:
    """doveadm on a store, run as the user ``nobody``; no daemon is started."""

    def __init__(self, root: Path, options: str = "") -> None:
        self.root = root
        self.mail = root / "mail"
        self.options = options
        self.inbox = self.mail / "inbox"
        self.config = root / "dovecot.conf"
        self.config.write_text(_CONFIG.format(root=root, options=options))
        (root / "home").mkdir()
        self.mail.mkdir()
        for path in (root, root / "home", self.mail):
            os.chmod(path, 0o755)

    def configure(self, text: str) -> None:
        """Add settings."""
        self.config.write_text(f"{self.config.read_text()}{text}\n")

    def own(self) -> None:
        """Give what culver wrote in this process, which is root's, to the mail user."""
        nobody = pwd.getpwnam("nobody")
        for directory, _, names in os.walk(self.root):
            os.chown(directory, nobody.pw_uid, nobody.pw_gid)
            for name in names:
                os.chown(os.path.join(directory, name), nobody.pw_uid, nobody.pw_gid)

    def __call__(self, *args: str, stdin: bytes = b"") -> str:
        """Run doveadm; its complaints fail the test, those in its log too."""
        self.own()
        done = subprocess.run(
            ["doveadm", "-c", str(self.config), *args],
            input=stdin,
            capture_output=True,
            env={**os.environ, "USER": "alice", "HOME": str(self.root / "home")},
            check=False,
            timeout=60,
        )
        log = self.root / "log"
        said = done.stderr + (log.read_bytes() if log.exists() else b"")
        assert done.returncode == 0, said.decode()
        complaints = [
            line
            for line in said.splitlines()
            if (b"Error" in line or b"Warning" in line) and _MOVED not in line
        ]
        assert not complaints, said.decode()
        return done.stdout.decode("utf-8", "surrogateescape")

    def rows(self, fields: str, *query: str) -> list[dict[str, str]]:
        """``doveadm fetch`` as dictionaries."""
        head, *lines = self("-f", "tab", "fetch", fields, *query).rstrip("\n").split("\n")
        names = head.split("\t")
        return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]

    def bodies(self, name: str = "INBOX") -> list[str]:
        """The text of each mail, in order."""
        text = self("-f", "pager", "fetch", "text", "mailbox", name, "all")
        return text.replace("\f", "").split("text:\n")[1:]

    def format(self) -> MboxFormat:
        """The same store as culver sees it."""
        location = parse_location(f"mbox:{self.mail}{self.options}", None)
        context = StorageContext(user="alice", home=None, scope=Scope(), config=Defaults())
        return MboxFormat(location, context)


async def opened(format: MboxFormat, path: MailboxPath = INBOX) -> EngineMailbox:
    """A session's mailbox."""
    return EngineMailbox("/".join(path), await SharedBox.open(format, path), Scope())


async def everything(box: EngineMailbox) -> Batch:
    """All columns of a mailbox in one batch."""
    view = await box.open_view(read_only=True)
    wanted = Wanted(sizes=True, received=True, guids=True, bodies=True)
    batches = [batch async for batch in box.fetch(view, UidSet(view.uids), wanted)]
    assert len(batches) == 1
    return batches[0]


async def same(dovecot: Dovecot, box: EngineMailbox, name: str = "INBOX") -> list[int]:
    """What Dovecot shows of the mailbox is what we show.  Returns the UIDs."""
    rows = dovecot.rows(_FIELDS, "mailbox", name, "all")
    text = dovecot("mailbox", "status", "uidvalidity uidnext messages", name)
    status = dict(word.split("=") for word in text.rstrip("\n").rpartition(f"{name} ")[2].split())
    batch = await everything(box)
    mine = await box.status()
    assert batch.sizes is not None
    assert batch.received is not None
    assert [int(row["uid"]) for row in rows] == batch.uids.tolist()
    theirs = tuple(int(status[key]) for key in ("uidvalidity", "uidnext", "messages"))
    assert theirs == (mine.uid_validity, mine.uid_next, mine.messages)
    assert [row["guid"] for row in rows] == batch.guids
    assert [int(row["size.virtual"]) for row in rows] == batch.sizes.tolist()
    dates = [datetime.fromisoformat(row["date.received"]).timestamp() for row in rows]
    assert dates == batch.received.tolist()
    words = [set(row["flags"].split()) - {"\\Recent"} for row in rows]
    assert [sum(NAMES.get(w, 0) for w in row) for row in words] == batch.flags.tolist()
    keywords = batch.keywords or [()] * len(rows)
    assert [{w for w in row if w not in NAMES} for row in words] == [set(k) for k in keywords]
    bodies = [body[:].decode("utf-8", "surrogateescape") for body in batch.bodies]
    texts = [body.replace("\r\n", "\n").rstrip("\r\n") for body in dovecot.bodies(name)]
    ours = [body.replace("\r\n", "\n").rstrip("\r\n") for body in bodies]
    assert texts == ours, (texts, ours)
    uids: list[int] = batch.uids.tolist()
    return uids
