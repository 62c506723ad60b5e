"""A copy's way to the mail it copies: within one storage a copy is one more reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.errors import Refused
from culver.mail.newmail import Buffer, Link
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.metadata import Metadata

if TYPE_CHECKING:
    from culver_plugins.mdbox.format import MdboxFormat
    from culver_plugins.mdbox.map import Entry


class MdboxLink(Link):
    """A mail in an mdbox storage of this user.

    Args:
        format: that has it.
        map_uid: of the mail.
        guid: its 128 bits, as its mailbox's index has them.
    """

    def __init__(self, format: MdboxFormat, map_uid: int, guid: bytes) -> None:
        self.format = format
        self.map_uid = map_uid
        self.guid = guid

    @property
    def size(self) -> int:
        """Bytes of the mail."""
        return len(self.read())

    def entry(self) -> Entry:
        """Where it lies.  Refused EXPUNGEISSUED when it was purged."""
        entry = self.format.storage.map.find([self.map_uid]).get(self.map_uid)
        if entry is None:
            raise Refused("EXPUNGEISSUED", "Some of the messages no longer exist")
        return entry

    def metadata(self) -> Metadata:
        """What its file says of it."""
        (found,) = self.format.storage.metadata([self.entry()])
        if found is None:
            raise Refused("EXPUNGEISSUED", "Some of the messages no longer exist")
        return found

    def read(self) -> Buffer:
        """The mail."""
        try:
            (found,) = self.format.storage.read([self.entry()])
        except DboxCorrupted as error:
            raise Refused("CORRUPTION", "The mail is damaged", str(error)) from error
        if found is None:
            raise Refused("EXPUNGEISSUED", "Some of the messages no longer exist")
        record, data = found
        return self.format.body_of(record.stored(data), record.metadata, "")
