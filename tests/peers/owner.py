"""The system user that owns the mail of a test's server."""

import grp
import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_CANDIDATES = ("vmail", "mail", "www-data")


@dataclass(frozen=True, slots=True)
class Owner:
    """A user and its group, by name and by number."""

    user: str
    group: str
    uid: int
    gid: int

    @classmethod
    def of_mail(cls) -> Self:
        """Who runs the tests; where that is root, the first unprivileged user fit for mail.

        "nobody" will not do: what it owns, every broken service on the machine owns.
        LookupError where the system has none of the candidates.
        """
        if os.geteuid() != 0:
            return cls._from(pwd.getpwuid(os.geteuid()))
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        for name in _CANDIDATES:
            if name in names:
                return cls._from(names[name])
        raise LookupError(f"no user to own mail: none of {', '.join(_CANDIDATES)} exists")

    @classmethod
    def _from(cls, entry: pwd.struct_passwd) -> Self:
        group = grp.getgrgid(entry.pw_gid).gr_name
        return cls(entry.pw_name, group, entry.pw_uid, entry.pw_gid)

    @property
    def rootless(self) -> bool:
        """Whether the servers run as this user from the start and cannot become another."""
        return os.geteuid() != 0

    def own(self, top: Path) -> None:
        """Give a tree to this user, so that every server that runs as it can write there."""
        if self.rootless:
            return
        os.chown(top, self.uid, self.gid)
        for folder, folders, files in os.walk(top):
            for name in folders + files:
                os.chown(os.path.join(folder, name), self.uid, self.gid, follow_symlinks=False)
