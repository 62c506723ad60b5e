"""Where new mails go: the latest file that has room, or a new one (R4-044)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Final

import numpy as np

from culver.index.engine import MailboxIndex
from culver.mail.files import fsync_dir
from culver_plugins.dbox.newrecord import NewRecord
from culver_plugins.mdbox.mailfile import MailFile, file_ids_in
from culver_plugins.mdbox.map import Numbers, read_header

if TYPE_CHECKING:
    from culver_plugins.mdbox.storage import MdboxStorage

_LOOK_BACK: Final = 10
"""Files that are tried; Dovecot's figure."""

Place = tuple[MailFile, int, int]
"""File, offset, size of an appended mail."""


class Appender:
    """Appends mails to storage files and keeps those locked.  Used within ``with``: what was not
    kept (:meth:`keep`) is taken back at its end.

    Args:
        storage: where.
        avoid: file ids that nothing may go to: those being purged.
        alt: append to the alternative storage.
    """

    def __init__(
        self, storage: MdboxStorage, *, avoid: frozenset[int] = frozenset(), alt: bool = False
    ) -> None:
        self.storage = storage
        self.places: list[Place] = []
        self._avoid = avoid
        self._directory = storage.need_alt() if alt else storage.need_directory()
        self._files: list[MailFile] = []
        self._kept = False

    def __enter__(self) -> Appender:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in self._files:
            if not self._kept:
                file.rollback()
            file.close()

    def append(self, record: NewRecord) -> None:
        """Write a mail."""
        file = self._file_for(record.size)
        self.places.append((file, file.append(record), record.size))

    def append_raw(self, pieces: Iterable[bytes], size: int) -> None:
        """Write a mail that is in its stored form already."""
        file = self._file_for(size)
        self.places.append((file, file.append_raw(pieces, size), size))

    def flush(self) -> None:
        """Make all of it durable."""
        if self.storage.sync:
            for file in self._files:
                file.sync()

    def assign(self, files: MailboxIndex, after: int = 0) -> int:
        """Give new files their ids, under the map's lock, above ``after`` and all that the map
        gave.  Returns the highest id in use."""
        highest = max(read_header(files)[0], after)
        new = [file for file in self._files if file.is_new]
        for file in new:
            if highest == 0:
                # A map that was lost may leave files behind.
                highest = max(file_ids_in(self._directory), default=0)
            while True:
                highest += 1
                try:
                    file.assign(self._directory, highest)
                except FileExistsError:
                    continue
                break
        if new and self.storage.sync:
            fsync_dir(self._directory)
        return highest

    def keep(self) -> None:
        """The map has them now."""
        self._kept = True

    def _file_for(self, size: int) -> MailFile:
        limit = self.storage.rotate_size
        for file in self._files:
            if file.end + size <= limit:
                return file
        file = self._existing(size) or MailFile.create(self._directory, int(time.time()))
        self._files.append(file)
        return file

    def _existing(self, size: int) -> MailFile | None:
        limit = self.storage.rotate_size
        if size >= limit:
            return None
        columns = self.storage.map.columns()
        oldest = interval_begin(self.storage.rotate_interval, time.time())
        tried = {file.file_id for file in self._files} | self._avoid
        for place in _last_places(columns.file_ids):
            file_id = int(columns.file_ids[place])
            end = int(columns.offsets[place]) + int(columns.sizes[place])
            if file_id in tried or end + size >= limit:
                continue
            tried.add(file_id)
            file = MailFile.lock(f"{self._directory}/m.{file_id}", file_id)
            if file is None:
                continue
            if file.header.created >= oldest and self._has_room(file, end, size):
                return file
            file.close()
        return None

    def _has_room(self, file: MailFile, end: int, size: int) -> bool:
        fits = file.header.appendable and file.end + size <= self.storage.rotate_size
        return fits and file.is_sound_from(end)


def _last_places(file_ids: Numbers) -> Iterator[int]:
    """Where the map's latest files end: the last place of each run of one file, from behind."""
    place = len(file_ids) - 1
    for _ in range(_LOOK_BACK):
        if place < 0:
            return
        yield place
        others = np.flatnonzero(file_ids[:place] != file_ids[place])
        place = int(others[-1]) if len(others) else -1


def interval_begin(interval: int, now: float) -> int:
    """The time before which a file is too old to be appended to; 0: none is.

    Args:
        interval: mdbox_rotate_interval in seconds; whole minutes, hours and days count from
            where the clock's do, local time.
        now: seconds since 1970.
    """
    if interval <= 0:
        return 0
    unit = next((unit for unit in (86400, 3600, 60) if interval >= unit), 1)
    local = time.localtime(now)
    into = {86400: local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec}
    into |= {3600: local.tm_min * 60 + local.tm_sec, 60: local.tm_sec, 1: 0}
    return int(now) - into[unit] - (interval - unit)
