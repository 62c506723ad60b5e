"""Make the map and the mailboxes of an mdbox agree with its files (R4-047).

What the files have is true.  A mailbox keeps its UIDs, flags and keywords; a mail that its map
UID doesn't lead to is looked for by its GUID.  A mail that no mailbox has, and that the map
doesn't know as unused, comes back: to the mailbox it was saved to, else to INBOX.  No mail is
removed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import numpy as np

from culver.errors import CulverError
from culver.index.engine import MailboxIndex
from culver.index.specs import GUID, MDBOX, MDBOX_HDR, REF
from culver.mail.storage import INBOX, MailboxPath
from culver_plugins.dbox.boxheader import BoxHeader, read_header
from culver_plugins.dbox.layout import DboxList
from culver_plugins.mdbox import map as mail_map
from culver_plugins.mdbox.boxrecords import BoxColumns, box_row, guid_row
from culver_plugins.mdbox.map import MAP, MAX_REFS, Columns, finish, place_rows
from culver_plugins.mdbox.scan import Scanned, scan

if TYPE_CHECKING:
    from culver_plugins.mdbox.storage import MdboxStorage

OpenIndex = Callable[[MailboxPath], AbstractContextManager[MailboxIndex]]


def rebuild(storage: MdboxStorage, boxes: DboxList, open_index: OpenIndex) -> None:
    """Rebuild all of a user's mdbox, under the map's lock; in a thread.

    Args:
        storage: to be rebuilt.
        boxes: its mailboxes.
        open_index: opens the index of one of them.
    """
    storage.need_directory()
    with storage.map.lock() as files:
        mails = scan(storage)
        lost = _match(files, mails)
        _add_unknown(files, mails)
        found = Mails(mails)
        validity = files.state.header.uid_validity
        for box in boxes.walk_now():
            if box.selectable:
                with open_index(box.path) as index:
                    _check_box(index, found, validity)
        for mail in mails:
            if not mail.refs and not mail.is_known_unused:
                _restore(boxes, open_index, mail)
        _finish(files, mails, lost)
        storage.map.is_broken = False


class Mails:
    """The mails of the files, by map UID and by GUID."""

    def __init__(self, mails: Iterable[Scanned]) -> None:
        self.by_uid: dict[int, Scanned] = {}
        self.by_guid: dict[bytes, Scanned] = {}
        for mail in mails:
            self.by_uid[mail.map_uid] = mail
            same = self.by_guid.setdefault(mail.guid, mail)
            # The same mail twice, as after a purge that died: the other copy may go.
            if same is not mail and same.size == mail.size:
                mail.is_known_unused = True

    def find(self, map_uid: int, guid: bytes) -> Scanned | None:
        """The mail that a mailbox means."""
        mail = self.by_uid.get(map_uid)
        if mail is not None and (mail.guid == guid or not any(guid)):
            return mail
        return self.by_guid.get(guid, mail)


def _match(files: MailboxIndex, mails: Iterable[Scanned]) -> list[int]:
    """Give mails the map UIDs they have.  Returns those that lead nowhere."""
    columns = Columns.of(files.state)
    places = {(mail.file_id, mail.offset, mail.length): mail for mail in mails}
    lost: list[int] = []
    for place in range(len(columns.uids)):
        entry = columns.entry(place)
        mail = places.get((entry.file_id, entry.offset, entry.size))
        if mail is None or mail.map_uid:
            lost.append(entry.uid)
        else:
            mail.map_uid = entry.uid
            mail.is_known_unused = not entry.refs
    return lost


def _add_unknown(files: MailboxIndex, mails: Iterable[Scanned]) -> None:
    unknown = [mail for mail in mails if not mail.map_uid]
    if not unknown:
        return
    begin = files.begin(external=False)
    rows = place_rows([(mail.file_id, mail.offset, mail.length) for mail in unknown])
    none = np.zeros(len(unknown), np.uint8)
    begin.append(none, rows={MAP: rows, REF: none})
    for mail, uid in zip(unknown, begin.commit().uids.tolist(), strict=True):
        mail.map_uid = uid


def _check_box(index: MailboxIndex, mails: Mails, validity: int) -> None:
    """Count a mailbox's references, mend its records, drop mails that are nowhere."""
    with index.lock():
        columns = BoxColumns.of(index.state)
        begin = index.begin()
        gone: list[int] = []
        for place, uid in enumerate(columns.uids.tolist()):
            map_uid, guid = int(columns.map_uids[place]), columns.guid(place)
            mail = mails.find(map_uid, guid)
            if mail is None or mail.refs >= MAX_REFS:
                gone.append(uid)
                continue
            mail.refs += 1
            if (mail.map_uid, mail.guid) != (map_uid, guid):
                saved = int(columns.saved[place])
                begin.set_rows(MDBOX, [uid], box_row(mail.map_uid, saved))
                begin.set_rows(GUID, [uid], guid_row(mail.guid))
        if gone:
            begin.expunge(gone)
        header = read_header(index, MDBOX_HDR)
        if header.number != validity:
            new = BoxHeader(validity, header.guid, header.flags)
            begin.set_extension_header(MDBOX_HDR, new.encode())
        begin.mark_synced()
        begin.commit()


def _restore(boxes: DboxList, open_index: OpenIndex, mail: Scanned) -> None:
    """Add a mail that no mailbox has to where it came from."""
    with open_index(_target(boxes, mail)) as index:
        begin = index.begin()
        rows = {MDBOX: box_row(mail.map_uid, int(index.clock())), GUID: guid_row(mail.guid)}
        begin.append(0, rows=rows)
        begin.commit()
        mail.refs = 1


def _target(boxes: DboxList, mail: Scanned) -> MailboxPath:
    path = tuple(map(boxes.names.read, mail.mailbox.split("/"))) if mail.mailbox else INBOX
    for wanted in (path, INBOX):
        try:
            if not boxes.exists_now(wanted):
                boxes.create_now(wanted)
        except CulverError:
            continue
        return wanted
    return INBOX


def _finish(files: MailboxIndex, mails: list[Scanned], lost: list[int]) -> None:
    """Write counts and header; the tail moves to the head."""
    highest, count = mail_map.read_header(files)
    highest = max((highest, *(mail.file_id for mail in mails)))
    begin = files.begin()
    if lost:
        begin.expunge(lost)
    ordered = sorted(mails, key=lambda mail: mail.map_uid)
    if ordered:
        refs = np.array([mail.refs for mail in ordered], np.uint16)
        begin.set_rows(REF, [mail.map_uid for mail in ordered], refs)
    mail_map.set_header(begin, highest, count + 1)
    begin.commit()
    mail_map.sync_log(files)
    finish(files)
