"""Mailbox names on the disk: Maildir++ (``.Folder.Sub``) and LAYOUT=fs (``Folder/Sub``)."""

from __future__ import annotations

from typing import Final

from culver.errors import Refused
from culver.mail import mutf7
from culver.mail.location import MailLocation
from culver.mail.storage import INBOX, MailboxPath

_LONGEST_PART: Final = 255
"""Bytes of a name in a directory; Linux's NAME_MAX."""
_LONGEST_PATH: Final = 4096
_RESERVED: Final = frozenset(("cur", "new", "tmp", "dbox-Mails", "maildirfolder", "subscriptions"))


class Names:
    """How this store spells names, as MAILBOXDIR=, UTF-8 and LAYOUT= say."""

    def __init__(self, location: MailLocation) -> None:
        self.fs = location.options.get("LAYOUT", "maildir++").lower() == "fs"
        self.separator = "/" if self.fs else "."
        self._utf8 = location.utf8
        self._broken = location.options.get("BROKENCHAR", "")
        self._full = location.options.get("FULLDIRNAME") or location.options.get("DIRNAME") or ""

    def spell(self, path: MailboxPath) -> tuple[str, ...]:
        """The parts as they are on the disk.  Refused CANNOT for what can't be a name."""
        return tuple(self._spell_part(part) for part in path)

    def _spell_part(self, part: str) -> str:
        spelled = self._unbroken(part)
        why = ""
        if not part or part in (".", ".."):
            why = "empty or dots"
        elif "/" in spelled or not {"\0", "\n", "\r"}.isdisjoint(part):
            why = "character not allowed in mailbox name"
        elif not self.fs and "." in spelled:
            why = "character not allowed in mailbox name: '.'"
        elif self.fs and (spelled in _RESERVED or spelled.startswith((".", "dovecot"))):
            why = "name is taken by the storage"
        elif spelled.startswith("~"):
            why = "may not begin with ~"
        elif len(spelled.encode("utf-8", "surrogateescape")) > _LONGEST_PART - 16:
            why = "too long"
        if why:
            raise Refused("CANNOT", f"Invalid mailbox name: {why}")
        return spelled

    def _unbroken(self, part: str) -> str:
        if self._broken and self._broken in part:
            head, *rest = part.split(self._broken)
            try:
                raw = [bytes.fromhex(r[:2]).decode("latin-1") + r[2:] for r in rest]
            except ValueError:
                raise Refused("CANNOT", "Invalid mailbox name: bad escape") from None
            return head + "".join(raw)
        return part if self._utf8 else mutf7.encode(part)

    def read(self, spelled: str) -> str:
        """The name of a part.  What isn't mUTF-7 is shown with BROKENCHAR, or as it is."""
        if self._utf8:
            return spelled
        try:
            return mutf7.decode(spelled)
        except ValueError:
            if not self._broken:
                return spelled
            bad = "".join(
                c if c.isascii() and c != "&" else f"{self._broken}{ord(c):02x}" for c in spelled
            )
            return bad

    def directory(self, path: MailboxPath) -> str:
        """Relative to the root: empty for INBOX.  Refused CANNOT for what can't be a name."""
        if path == INBOX:
            return ""
        parts = self.spell(path)
        relative = "/".join((*parts, self._full)).rstrip("/") if self.fs else "." + ".".join(parts)
        longest = _LONGEST_PATH - 256 if self.fs else _LONGEST_PART
        if len(relative.encode("utf-8", "surrogateescape")) > longest:
            raise Refused("CANNOT", "Mailbox name too long")
        return relative

    def path_of(self, directory: str) -> MailboxPath | None:
        """The mailbox of a directory relative to the root; None when it can't be one."""
        if self.fs:
            directory = directory.removesuffix(f"/{self._full}") if self._full else directory
            parts = directory.split("/")
        else:
            parts = directory.removeprefix(".").split(".")
        return tuple(map(self.read, parts)) if all(parts) else None
