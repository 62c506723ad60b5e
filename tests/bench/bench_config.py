"""The servers' configuration for the benchmark, and mailboxes filled before it starts."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.load import PARALLEL
from tests.peers.config import ServerConfig, Site, rootless
from tests.peers.mails import make_multipart

_HERE = Path(__file__).parent
FORMS = {"default": ("default.conf.in",), "tuned": ("default.conf.in", "tuned.conf.in")}
"""Templates by the name that `--form` takes."""

_PARAMETER = re.compile(r"@([A-Z]+)@")
_FIRST_DAY = 1_767_225_600  # 2026-01-01, so that a file's name does not depend on the day


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchConfig(ServerConfig):
    """The templates instead of what the tests configure."""

    form: str = "default"

    def text(self) -> str:
        """The templates with their parameters filled in; one that is unknown stays as it is."""
        values = self._values()
        owner, parts = self.site.owner, [(_HERE / name).read_text() for name in FORMS[self.form]]
        templates = "\n".join([*parts, rootless(owner) if owner.rootless else ""])
        return _PARAMETER.sub(lambda name: values.get(name[1], name[0]), templates)

    def _values(self) -> dict[str, str]:
        site = self.site
        return {
            "DIR": str(self.folder),
            "MAIL": str(site.mail),
            "USERS": str(site.users),
            "UID": site.owner.user,
            "GID": site.owner.group,
            "CERTIFICATE": str(site.certificate.chain),
            "KEY": str(site.certificate.key),
            "IMAP": str(self.ports.imap),
            "IMAPS": str(self.ports.imaps),
            "LMTP": str(self.ports.lmtp),
        }


def users_of_round(number: int) -> tuple[str, list[str]]:
    """The user with the filled mailbox, and those with empty ones."""
    return f"big{number}", [f"user{number}x{index}" for index in range(PARALLEL * 2)]


def all_users(rounds: int) -> Sequence[str]:
    """Everybody who has to be in the passwd-file."""
    pairs = [users_of_round(number) for number in range(rounds)]
    return [user for big, users in pairs for user in (big, *users)]


def fill_maildir(site: Site, user: str, mails: int) -> None:
    """Write a user's INBOX as another program would: files in cur/, nothing of a server's."""
    maildir = site.mail / user / "Maildir"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    for number in range(mails):
        file = maildir / "cur" / f"{_FIRST_DAY + number}.M{number}P1.bench:2,"
        file.write_bytes(make_multipart(number).replace(b"\r\n", b"\n"))
        os.utime(file, (_FIRST_DAY + number, _FIRST_DAY + number))
    site.owner.own(site.mail / user)
