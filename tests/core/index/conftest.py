"""Fixtures of the index tests: an index in a temporary folder, and Dovecot as the oracle."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from culver.index.engine import MailboxIndex
from culver.index.settings import IndexSettings

CONF = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log/dovecot.log
ssl = no
protocols =
first_valid_uid = 1
mail_location = {format}:{dir}/mail
mail_fsync = never
mail_never_cache_fields =
namespace inbox {{
  inbox = yes
  separator = /
}}
"""

# doveadm tells its errors on stderr, not in the log.
COMPLAINT = re.compile(r"^doveadm.*(Error|Warning|Panic|Fatal)", re.MULTILINE)


class Dovecot:
    """doveadm on a store of its own; no daemon runs."""

    def __init__(self, folder: Path, format_: str) -> None:
        self.folder = folder
        self.format = format_
        for name in ("run", "state", "log", "mail", "home"):
            (folder / name).mkdir()
        (folder / "dovecot.conf").write_text(CONF.format(dir=folder, format=format_))
        self._as: dict[str, object] = {}
        if os.getuid() == 0:
            # Dovecot refuses mail access as root.
            nobody = pwd.getpwnam("nobody")
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in (folder, *folder.iterdir()):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)

    @property
    def inbox(self) -> Path:
        """Where the INBOX's index is."""
        mail = self.folder / "mail"
        return mail if self.format == "maildir" else mail / "mailboxes/INBOX/dbox-Mails"

    def start(self, *args: str) -> "subprocess.Popen[str]":
        """Start doveadm with args."""
        env = {"HOME": str(self.folder / "home"), "USER": "nobody", "PATH": os.environ["PATH"]}
        command = ["doveadm", "-c", str(self.folder / "dovecot.conf"), *args]
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
            cwd="/",
            **self._as,
        )

    def adm(self, *args: str, stdin: str = "") -> str:
        """Run doveadm and return what it says; it must succeed without a complaint."""
        out, _ = (process := self.start(*args)).communicate(stdin, timeout=60)
        assert process.returncode == 0, (args, out)
        assert not COMPLAINT.search(out), (args, out)
        return str(out)

    def save(self, count: int) -> None:
        """Deliver mails to the INBOX."""
        for n in range(count):
            self.adm("save", stdin=f"From: a@example.org\nSubject: mail {n}\n\nbody {n}\n")

    def fetch(self) -> dict[int, tuple[set[str], int]]:
        """Return flags and keywords, and modseq, of every message by UID."""
        found: dict[int, tuple[set[str], int]] = {}
        for line in self.adm("-f", "tab", "fetch", "uid flags modseq", "all").splitlines()[1:]:
            uid, flags, modseq = line.split("\t")
            found[int(uid)] = (set(flags.split()) - {"\\Recent"}, int(modseq))
        return found

    def complaints(self) -> str:
        """Return what Dovecot logged."""
        log = self.folder / "log/dovecot.log"
        return log.read_text() if log.exists() else ""


@pytest.fixture(params=["sdbox", "mdbox", "maildir"])
def dovecot(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    """Dovecot with an empty store, once per format."""
    if shutil.which("doveadm") is None:
        pytest.skip("doveadm is not installed (Debian: dovecot-core)")
    folder = Path(tempfile.mkdtemp(prefix="culver-index-"))
    folder.chmod(0o755)
    before = os.umask(0)
    yield Dovecot(folder, request.param)
    os.umask(before)
    shutil.rmtree(folder)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[MailboxIndex]:
    """A new, empty index with UIDVALIDITY 77."""
    found = MailboxIndex(tmp_path, IndexSettings(fsync="never"))
    found.create(77)
    yield found
    found.close()
