"""Make prepared mails part of an mdbox mailbox: files, map, index, in this order (R4-043).

Locks: storage files, map, mailbox.  Who dies before the end leaves the map's tail behind its
head, and with that the order to count references anew; a mail may then appear that was never
acknowledged, but none that was is lost.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np

from culver.errors import Refused
from culver.index.engine import MailboxIndex
from culver.index.specs import GUID, MDBOX, MDBOX_HDR, REF
from culver.mail.newmail import NewMail, Saved
from culver_plugins.dbox.box import DboxBox
from culver_plugins.dbox.boxheader import BoxHeader
from culver_plugins.dbox.boxheader import read_header as read_box_header
from culver_plugins.dbox.guid import guid_bits
from culver_plugins.dbox.newrecord import NewRecord
from culver_plugins.mdbox.appender import Appender
from culver_plugins.mdbox.boxrecords import box_row, guid_row
from culver_plugins.mdbox.map import (
    MAP,
    MAX_REFS,
    Columns,
    add_refs,
    finish,
    place_rows,
    read_header,
    set_header,
    sync_log,
)

if TYPE_CHECKING:
    from culver_plugins.mdbox.storage import MdboxStorage


class Copy(msgspec.Struct, frozen=True):
    """A mail that the storage has already."""

    map_uid: int
    guid: str
    guid_bits: bytes


class Prepared(msgspec.Struct, frozen=True):
    """A mail to be saved: written anew, or one more reference."""

    mail: NewMail
    source: Source


Source: TypeAlias = NewRecord | Copy


def commit(storage: MdboxStorage, box: DboxBox, prepared: Sequence[Prepared]) -> list[Saved]:
    """Save all or none, durably.  Within ``PersistentIndex.run``."""
    records = [one.source for one in prepared if isinstance(one.source, NewRecord)]
    copies = [one.source.map_uid for one in prepared if isinstance(one.source, Copy)]
    with Appender(storage) as appender:
        for record in records:
            appender.append(record)
        appender.flush()
        with storage.map.lock() as map_files, box.files.changing() as files:
            map_uids = _change_map(map_files, appender, copies)
            appender.keep()
            try:
                validity = map_files.state.header.uid_validity
                uids = _append_to_box(files, prepared, map_uids, validity)
            except BaseException:
                _undo(map_files, [*map_uids, *copies])
                raise
            finally:
                finish(map_files)
    validity = box.uid_validity
    return [Saved(validity, uid, one.source.guid) for uid, one in zip(uids, prepared, strict=True)]


def _change_map(files: MailboxIndex, appender: Appender, copies: Sequence[int]) -> list[int]:
    """Add mails and references, durably; the tail stays.  Returns the new mails' UIDs."""
    _check_copies(files, copies)
    begin = files.begin(external=False)
    new = None
    if appender.places:
        before, count = read_header(files)
        highest = appender.assign(files)
        if highest != before:
            set_header(begin, highest, count)
        rows = [(file.file_id, offset, size) for file, offset, size in appender.places]
        ones = np.ones(len(rows), np.uint16)
        new = begin.append(np.zeros(len(rows), np.uint8), rows={MAP: place_rows(rows), REF: ones})
    if copies:
        add_refs(begin, copies, 1)
    begin.commit()
    if copies and new is None:
        sync_log(files)
    return [] if new is None or new.uids is None else new.uids.tolist()


def _check_copies(files: MailboxIndex, copies: Sequence[int]) -> None:
    """Under the lock: what is copied is still there and may be referred to once more."""
    wanted, counts = np.unique(np.array(copies, np.uint32), return_counts=True)
    places, there = files.state.rows_of(wanted)
    if not there.all():
        raise Refused("EXPUNGEISSUED", "Some of the messages no longer exist")
    refs = Columns.of(files.state).refs[places]
    if (refs.astype(np.int64) + counts > MAX_REFS).any():
        raise Refused("LIMIT", "Message has been copied too many times")


def _append_to_box(
    files: MailboxIndex, prepared: Sequence[Prepared], map_uids: Sequence[int], validity: int
) -> list[int]:
    now = int(time.time())
    begin = files.begin()
    header = read_box_header(files, MDBOX_HDR)
    if not header.number:
        # The mailbox was made while there was no map.
        known = BoxHeader(validity, header.guid, header.flags)
        begin.set_extension_header(MDBOX_HDR, known.encode())
    new = iter(map_uids)
    for one in prepared:
        source = one.source
        if isinstance(source, Copy):
            map_uid, bits = source.map_uid, source.guid_bits
        else:
            map_uid, bits = next(new), guid_bits(source.guid)
        rows = {MDBOX: box_row(map_uid, now), GUID: guid_row(bits)}
        begin.append(one.mail.flags, keywords=one.mail.keywords, rows=rows)
    uids: list[int] = begin.commit().uids.tolist()
    return uids


def _undo(files: MailboxIndex, map_uids: Sequence[int]) -> None:
    """The mailbox could not be written: nobody refers to the mails; a purge removes them."""
    begin = files.begin(external=False)
    add_refs(begin, map_uids, -1)
    begin.commit()
