"""Mailbox names on the disk: files and directories below the root (LAYOUT=fs, R4-034)."""

from __future__ import annotations

import os
from typing import Final

from culver.errors import Refused
from culver.mail import mutf7
from culver.mail.location import MailLocation
from culver.mail.storage import INBOX, MailboxPath

INDEX_DIR: Final = ".imap"
_LONGEST: Final = 235
"""Bytes of a part: NAME_MAX less what is put behind it for locks and temporary files."""


class Names:
    """How this store spells names, as INBOX=, DIRNAME=, MAILBOXDIR=, UTF-8, CONTROL= and INDEX=
    say."""

    def __init__(self, location: MailLocation) -> None:
        options = location.options
        self.root = os.path.join(location.path, options.get("MAILBOXDIR", "")).rstrip("/")
        self.inbox = options.get("INBOX") or os.path.join(location.path, "inbox")
        self.dirname = options.get("FULLDIRNAME") or options.get("DIRNAME") or ""
        """With it a mailbox is a directory that holds this file, and so can have children."""
        self._full = bool(options.get("FULLDIRNAME"))
        self._utf8 = location.utf8
        self._control = options.get("CONTROL") or location.path
        index = options.get("INDEX") or location.path
        self._index = location.path if index.upper() == "MEMORY" else index
        self.uid_validity = self._control
        """Directory of dovecot-uidvalidity."""
        if not self.dirname and not options.get("CONTROL"):
            self.uid_validity = os.path.join(location.path, INDEX_DIR)

    def file(self, path: MailboxPath) -> str:
        """The mailbox's file."""
        if path == INBOX:
            return self.inbox
        return os.path.join(self.directory(path), self.dirname).rstrip("/")

    def directory(self, path: MailboxPath) -> str:
        """What holds the mailbox's children, if it can have any."""
        return os.path.join(self.root, *map(self.spell, path))

    def control(self, path: MailboxPath) -> str:
        """The mailbox's directory for files beside it: ``.imap/NAME``."""
        return self._beside(self._control, path)

    def index(self, path: MailboxPath) -> str:
        """The directory of Dovecot's index of the mailbox."""
        if not self.dirname:
            return self._beside(self._index, path)
        parts = [self.spell(part) for part in path]
        return os.path.join(self._index, *parts, self.dirname if self._full else "").rstrip("/")

    def _beside(self, root: str, path: MailboxPath) -> str:
        parts = [self.spell(part) for part in path]
        if self.dirname and path != INBOX:
            parts.append(self.dirname)  # within its directory, and so it goes along in a rename
        return os.path.join(root, *parts[:-1], INDEX_DIR, parts[-1])

    def spell(self, part: str) -> str:
        """A part as it is on the disk.  Refused CANNOT for what can't be a name."""
        spelled = part if self._utf8 else mutf7.encode(part)
        why = ""
        if not part or "/" in spelled or not {"\0", "\n", "\r"}.isdisjoint(part):
            why = "empty, or character not allowed"
        elif part.startswith((".", "~")):
            why = "may not begin with . or ~"
        elif not self.is_mailbox(spelled):
            why = "name is taken by the storage"
        elif len(spelled.encode("utf-8", "surrogateescape")) > _LONGEST:
            why = "too long"
        if why:
            raise Refused("CANNOT", f"Invalid mailbox name: {why}")
        return spelled

    def is_mailbox(self, spelled: str) -> bool:
        """Whether something of this name can be a mailbox or hold some."""
        if spelled.startswith((".", "dovecot.", "dovecot-")) or spelled == self.dirname:
            return False
        return not spelled.endswith(".lock")

    def read(self, spelled: str) -> str:
        """The name of a part; what isn't mUTF-7 is shown as it is."""
        if self._utf8:
            return spelled
        try:
            return mutf7.decode(spelled)
        except ValueError:
            return spelled
