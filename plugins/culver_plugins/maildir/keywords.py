"""``dovecot-keywords``: which letter in a file name is which keyword (inventory R4-015)."""

from __future__ import annotations

import os
from collections.abc import Iterable

from culver.errors import Refused
from culver.mail.files import replace_file
from culver_plugins.maildir.filename import MAX_KEYWORDS


class Keywords:
    """The file as of the last :meth:`read`.  Written only under the uidlist's lock."""

    def __init__(self, directory: str) -> None:
        self.path = os.path.join(directory, "dovecot-keywords")
        self.names: list[str] = []
        """By bit; a bit without a keyword has an empty name."""
        self._seen: tuple[int, int, int] = (0, 0, 0)
        self._mtime = 0

    def read(self) -> None:
        """Take over what others added.  No file: no keywords."""
        try:
            info = os.stat(self.path)
        except FileNotFoundError:
            return
        seen = info.st_ino, info.st_mtime_ns, info.st_size
        if seen != self._seen:
            with open(self.path, encoding="utf-8", errors="surrogateescape") as file:
                self._take(file)
            self._seen, self._mtime = seen, int(info.st_mtime)

    def _take(self, lines: Iterable[str]) -> None:
        for line in lines:
            digits, _, name = line.rstrip("\n").partition(" ")
            if digits.isdigit() and len(digits) < 3 and name and int(digits) < MAX_KEYWORDS:
                bit = int(digits)
                self.names += [""] * (bit + 1 - len(self.names))
                self.names[bit] = name

    def mask(self, keywords: Iterable[str]) -> int:
        """The known ones as bits; unknown ones are left out."""
        wanted = {name.lower() for name in keywords}
        return sum(1 << bit for bit, name in enumerate(self.names) if name.lower() in wanted)

    def missing(self, keywords: Iterable[str]) -> list[str]:
        """Those that have no letter yet, each once; names compare without case."""
        known = {name.lower() for name in self.names}
        return list({k.lower(): k for k in keywords if k.lower() not in known}.values())

    def wants(self, keywords: Iterable[str]) -> bool:
        """Whether some of them have no letter, and could get one."""
        return bool(self.missing(keywords)) and sum(map(bool, self.names)) < MAX_KEYWORDS

    def add(self, keywords: Iterable[str], *, mode: int, gid: int, in_index: bool = False) -> None:
        """Give letters to new keywords and write the file.  Only under the uidlist's lock.

        When the letters don't suffice the rest of the keywords is left to the index, where there
        is one (``in_index``); otherwise Refused LIMIT is raised, and nothing changed.
        """
        names = list(self.names)
        free = [bit for bit in range(MAX_KEYWORDS) if bit >= len(names) or not names[bit]]
        missing = self.missing(keywords)
        if len(missing) > len(free) and not in_index:
            raise Refused("LIMIT", f"A mailbox can have at most {MAX_KEYWORDS} keywords")
        if not free:
            return
        names += [""] * (MAX_KEYWORDS - len(names))
        for bit, name in zip(free, missing, strict=False):
            names[bit] = name
        while names and not names[-1]:
            names.pop()
        self._write(names, mode, gid)
        self.names[:] = names

    def _write(self, names: list[str], mode: int, gid: int) -> None:
        lines = "".join(f"{bit} {name}\n" for bit, name in enumerate(names) if name)
        data = lines.encode("utf-8", "surrogateescape")
        info = replace_file(self.path, data, mode=mode, gid=gid, sync=True)
        if int(info.st_mtime) <= self._mtime:
            # Dovecot looks only at whole seconds of the mtime: it must grow with each change.
            os.utime(self.path, (info.st_atime, self._mtime + 1))
        info = os.stat(self.path)
        self._seen, self._mtime = (info.st_ino, info.st_mtime_ns, info.st_size), int(info.st_mtime)
