"""A real Dovecot on a temporary Maildir store."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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
        self.config.write_text(_CONFIG.format(root=root, options=options))
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
def make_dovecot(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Dovecot]:
    """Makes a store with options of mail_location, such as ``:LAYOUT=fs``."""
    if shutil.which("doveadm") is None:
        pytest.skip("the real Dovecot (doveadm) is not installed")
    if os.geteuid() != 0:
        pytest.skip("doveadm can only be run by root, who becomes the mail user")

    def make(options: str = "") -> Dovecot:
        root = tmp_path_factory.mktemp("dovecot")
        # The mail user has to get there.
        for parent in (root, *root.parents[:2]):
            parent.chmod(0o755)
        return Dovecot(root, options)

    return make


@pytest.fixture
def dovecot(make_dovecot: Callable[[str], Dovecot]) -> Dovecot:
    """A Maildir++ store."""
    return make_dovecot("")
