"""Mailbox names below ``mailboxes/``: a directory per part, the mail in its ``dbox-Mails``."""

from __future__ import annotations

from typing import Final

from culver.errors import Refused
from culver.mail import mutf7
from culver.mail.location import MailLocation
from culver.mail.storage import MailboxPath

MAILS: Final = "dbox-Mails"
_LONGEST_PART: Final = 255
"""Bytes; Linux's NAME_MAX."""
_LONGEST: Final = 3840
"""Bytes of a whole name; room is left of Linux's PATH_MAX for the root and the files."""


class Names:
    """How the store spells names, as UTF-8, BROKENCHAR, DIRNAME, FULLDIRNAME and MAILBOXDIR say."""

    def __init__(self, location: MailLocation) -> None:
        options = location.options
        self._utf8 = location.utf8
        self._broken = options.get("BROKENCHAR", "")
        self.mails = options.get("FULLDIRNAME") or options.get("DIRNAME") or MAILS
        self.boxes = options.get("MAILBOXDIR", "mailboxes")

    def spell(self, path: MailboxPath) -> str:
        """The directory of a name, relative to ``mailboxes``.  Refused CANNOT for what can't be
        one."""
        spelled = "/".join(map(self._spell_part, path))
        if len(spelled.encode("utf-8", "surrogateescape")) > _LONGEST:
            raise Refused("CANNOT", "Mailbox name too long")
        return spelled

    def _spell_part(self, part: str) -> str:
        spelled = self._unbroken(part)
        why = ""
        if spelled in ("", ".", ".."):
            why = "empty or dots"
        elif "/" in spelled or not {"\0", "\n", "\r"}.isdisjoint(part):
            why = "character not allowed in mailbox name"
        elif spelled == self.mails:
            why = "name is taken by the storage"
        elif spelled.startswith("~"):
            why = "may not begin with ~"
        elif len(spelled.encode("utf-8", "surrogateescape")) > _LONGEST_PART:
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
            keep = (c if c.isascii() and c != "&" else None for c in spelled)
            return "".join(
                f"{self._broken}{ord(c):02x}" if kept is None else kept
                for c, kept in zip(spelled, keep, strict=True)
            )
