"""The storage that all mdbox mailboxes of a user share: ``storage/`` with files and map."""

from __future__ import annotations

import os
from collections.abc import Sequence

from culver.errors import Refused, Unavailable
from culver.index.settings import IndexSettings
from culver_plugins.dbox.metadata import Metadata
from culver_plugins.dbox.readfile import open_first, read_file_header, read_metadata, read_record_at
from culver_plugins.dbox.record import Record
from culver_plugins.maildir.permissions import make_dir, permissions_of
from culver_plugins.mdbox.mailfile import file_ids_in
from culver_plugins.mdbox.map import Entry, MailMap

STORAGE = "storage"


class MdboxStorage:
    """Paths, map and settings.  For use in threads.

    Args:
        root: of the mails; ``storage/`` lies in it.
        index_root: of the index files; the map lies in its ``storage/``.
        alt_root: of the alternative storage, "" without one.
        settings: of the map's index.
        rotate_size: bytes up to which a file grows.
        rotate_interval: seconds up to which a file is appended to; 0: any.
        sync: whether mails are made durable.
    """

    def __init__(
        self,
        root: str,
        index_root: str,
        alt_root: str,
        settings: IndexSettings,
        *,
        rotate_size: int,
        rotate_interval: int,
        sync: bool,
    ) -> None:
        self.root = root
        self.directory = os.path.join(root, STORAGE)
        self.alt_root = alt_root
        self.alt = os.path.join(alt_root, STORAGE) if alt_root else None
        self.map = MailMap(os.path.join(index_root, STORAGE), settings, self.has_mails)
        self.rotate_size = rotate_size
        self.rotate_interval = rotate_interval
        self.sync = sync

    def has_mails(self) -> bool:
        """Whether there is a storage file."""
        return bool(file_ids_in(self.directory) or (self.alt and file_ids_in(self.alt)))

    def need_directory(self) -> str:
        """``storage/``, made when it is missing."""
        if not os.path.isdir(self.directory):
            make_dir(self.directory, permissions_of(self.root))
        return self.directory

    def need_alt(self) -> str:
        """``storage/`` of the alternative storage; its root is never made, so that nothing goes
        to the disk below a mount point.  Refused CANNOT without ALT=, Unavailable unmounted."""
        if self.alt is None:
            raise Refused("CANNOT", "No alternative storage", "mail_location has no ALT=")
        if not os.path.isdir(self.alt_root):
            raise Unavailable("UNAVAILABLE", "The alternative storage is not there", self.alt_root)
        os.makedirs(self.alt, mode=0o700, exist_ok=True)
        return self.alt

    def paths_of(self, file_id: int) -> tuple[str, ...]:
        """Where a file may be, the alternative storage last."""
        primary = f"{self.directory}/m.{file_id}"
        return (primary,) if self.alt is None else (primary, f"{self.alt}/m.{file_id}")

    def open(self, file_id: int) -> int | None:
        """A descriptor for reading; None when the file is gone."""
        return open_first(self.paths_of(file_id))

    def read(self, entries: Sequence[Entry]) -> list[tuple[Record, bytes] | None]:
        """Mails, each file opened once; None for those whose file is gone (purged meanwhile: ask
        the map again).  Raises DboxCorrupted."""
        found: list[tuple[Record, bytes] | None] = [None] * len(entries)
        for file_id, places in _by_file(entries).items():
            fd = self.open(file_id)
            if fd is None:
                continue
            try:
                header = read_file_header(fd)
                for place in places:
                    entry = entries[place]
                    found[place] = read_record_at(fd, entry.offset, entry.size, header)
            finally:
                os.close(fd)
        return found

    def metadata(self, entries: Sequence[Entry]) -> list[Metadata | None]:
        """What the files say of mails; None for those whose file is gone.  Raises
        DboxCorrupted."""
        found: list[Metadata | None] = [None] * len(entries)
        for file_id, places in _by_file(entries).items():
            fd = self.open(file_id)
            if fd is None:
                continue
            try:
                for place in places:
                    found[place] = read_metadata(fd, entries[place].offset)[0]
            finally:
                os.close(fd)
        return found


def _by_file(entries: Sequence[Entry]) -> dict[int, list[int]]:
    """File id -> places in ``entries``."""
    places: dict[int, list[int]] = {}
    for place, entry in enumerate(entries):
        places.setdefault(entry.file_id, []).append(place)
    return places
