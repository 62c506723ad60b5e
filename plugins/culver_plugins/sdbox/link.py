"""A copy's way to the file of the mail it copies."""

from __future__ import annotations

import os
from collections.abc import Callable

from culver.errors import Refused
from culver.mail.newmail import Buffer, Link
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.metadata import Metadata
from culver_plugins.dbox.readfile import open_first, read_metadata, read_only_record


class SdboxLink(Link):
    """A mail in an sdbox of this user.

    Args:
        paths: where its file is, the alternative storage last.
        decode: makes the mail of its stored body and metadata.
    """

    def __init__(self, paths: tuple[str, ...], decode: Callable[[bytes, Metadata], bytes]) -> None:
        self.paths = paths
        self._decode = decode

    @property
    def size(self) -> int:
        """Bytes of the mail, from the metadata."""
        return self._look()[1]

    def metadata(self) -> Metadata:
        """What the file says of the mail."""
        return self._look()[0]

    def _look(self) -> tuple[Metadata, int]:
        fd = self._open()
        try:
            metadata, stored = read_metadata(fd)
        finally:
            os.close(fd)
        size = metadata.number(b"Z")
        return metadata, stored if size is None else size

    def read(self) -> Buffer:
        """The mail."""
        fd = self._open()
        try:
            record, data = read_only_record(fd)
        except DboxCorrupted as error:
            raise Refused("CORRUPTION", "The mail is damaged", str(error)) from error
        finally:
            os.close(fd)
        return self._decode(record.stored(data), record.metadata)

    def _open(self) -> int:
        fd = open_first(self.paths)
        if fd is None:
            raise Refused("EXPUNGEISSUED", "Some of the messages no longer exist")
        return fd
