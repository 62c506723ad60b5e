"""Remove mails that no mailbox refers to (R4-043): what ``doveadm purge`` does.

A file with such mails is left by its other mails, which go to the end of other files, and is
removed.  The map is locked only while it is changed, not while mails are copied; a mail that got
a reference meanwhile stops the purge of its file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from culver.index.engine import MailboxIndex
from culver.mail.files import try_unlink
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.readfile import pread_all
from culver_plugins.mdbox.appender import Appender
from culver_plugins.mdbox.mailfile import MailFile
from culver_plugins.mdbox.map import (
    MAP,
    Columns,
    Entry,
    finish,
    place_rows,
    read_header,
    set_header,
    sync_log,
)

if TYPE_CHECKING:
    from culver_plugins.mdbox.storage import MdboxStorage


class Purged(msgspec.Struct, frozen=True):
    """What a purge did."""

    files: int = 0
    """Storage files that are gone."""
    mails: int = 0
    """Mails that are gone for good."""
    moved: int = 0
    """Mails that lie in another file now."""
    skipped: int = 0
    """Files that somebody else was writing to; the next purge takes them."""

    def __add__(self, other: Purged) -> Purged:
        return Purged(
            self.files + other.files,
            self.mails + other.mails,
            self.moved + other.moved,
            self.skipped + other.skipped,
        )


def purge(storage: MdboxStorage) -> Purged:
    """Purge every file that has mails without references; in a thread."""
    columns = storage.map.columns()
    done = Purged()
    for file_id in np.unique(columns.file_ids[columns.refs == 0]).tolist():
        done += leave_file(storage, file_id)
    return done


def leave_file(storage: MdboxStorage, file_id: int, alt: frozenset[int] | None = None) -> Purged:
    """Move the mails of a file elsewhere and remove it.

    Args:
        storage: that has it.
        file_id: of the file.
        alt: map UIDs that go to the alternative storage, all others to the primary one; None
            leaves each mail in the storage in which the file is.
    """
    for path in storage.paths_of(file_id):
        if os.path.exists(path):
            file = MailFile.lock(path, file_id)
            if file is None:
                return Purged(skipped=1)
            in_alt = path != storage.paths_of(file_id)[0]
            try:
                return _leave(storage, file, in_alt=in_alt, alt=alt)
            finally:
                file.close()
    _forget_file(storage, file_id)
    return Purged()


def _leave(
    storage: MdboxStorage, file: MailFile, *, in_alt: bool, alt: frozenset[int] | None
) -> Purged:
    entries = storage.map.columns().in_file(file.file_id)
    _check_whole(file, entries)
    kept = [entry for entry in entries if entry.refs]
    gone = [entry.uid for entry in entries if not entry.refs]
    halves = _halves(kept, in_alt=in_alt, alt=alt)
    to_other = {entry.uid for entry in halves[True]}
    avoid = frozenset((file.file_id,))
    with (
        Appender(storage, avoid=avoid) as primary,
        Appender(storage, avoid=avoid, alt=bool(halves[True])) as other,
    ):
        for entry in kept:
            appender = other if entry.uid in to_other else primary
            data = pread_all(file.fd, entry.offset, entry.size)
            appender.append_raw((data,), entry.size)
        primary.flush()
        other.flush()
        moved = halves[False] + halves[True]
        with storage.map.lock() as files:
            if _was_copied(files, gone):
                return Purged(skipped=1)
            _move(files, (primary, other), [entry.uid for entry in moved], gone)
            primary.keep()
            other.keep()
    # Only now, so that readers never miss it.
    try_unlink(file.path)
    _forget_file(storage, file.file_id)
    return Purged(files=1, mails=len(gone), moved=len(kept))


def _halves(
    kept: Sequence[Entry], *, in_alt: bool, alt: frozenset[int] | None
) -> dict[bool, list[Entry]]:
    halves: dict[bool, list[Entry]] = {False: [], True: []}
    for entry in kept:
        halves[in_alt if alt is None else entry.uid in alt].append(entry)
    return halves


def _check_whole(file: MailFile, entries: Sequence[Entry]) -> None:
    """The map knows every byte of the file.  Raises DboxCorrupted: then it is to be rebuilt,
    before anything in it is removed."""
    at = file.header.size
    for entry in entries:
        if entry.offset != at:
            raise DboxCorrupted(f"message at {at}: the map has {entry.offset}", at, file.path)
        at += entry.size
    if at != file.end:
        raise DboxCorrupted(f"the map ends at {at}: the file at {file.end}", at, file.path)


def _was_copied(files: MailboxIndex, gone: Sequence[int]) -> bool:
    columns = Columns.of(files.state)
    places, _ = files.state.rows_of(np.unique(np.array(gone, np.uint32)))
    return bool(columns.refs[places].any())


def _move(
    files: MailboxIndex, appenders: tuple[Appender, ...], moved: Sequence[int], gone: Sequence[int]
) -> None:
    """Tell the map, in one piece: new places of the moved mails, and that the others are gone."""
    before, count = read_header(files)
    highest = before
    rows: list[tuple[int, int, int]] = []
    begin = files.begin()
    for appender in appenders:
        highest = appender.assign(files, highest)
        rows += [(file.file_id, offset, size) for file, offset, size in appender.places]
    if highest != before:
        set_header(begin, highest, count)
    order = np.argsort(np.array(moved, np.uint32), kind="stable")
    uids = np.array(moved, np.uint32)[order]
    places = place_rows(rows)[order] if rows else place_rows(rows)
    there = files.state.rows_of(uids)[1]
    begin.set_rows(MAP, uids[there], places[there])
    begin.expunge(np.unique(np.array(gone, np.uint32)))
    begin.commit()
    # Before the old file goes, the map must know the new places for good.
    sync_log(files)
    finish(files)


def _forget_file(storage: MdboxStorage, file_id: int) -> None:
    """Mails that the map still has in a file that is gone are gone with it."""
    with storage.map.lock() as files:
        columns = Columns.of(files.state)
        left = columns.uids[columns.file_ids == file_id]
        if len(left):
            begin = files.begin()
            begin.expunge(left)
            begin.commit()
            finish(files)
