"""Move mails between primary and alternative storage (R4-045).

A mail lies in one file whatever number of mailboxes have it: it goes to the alternative storage
when one that has it says so, and back likewise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from culver.index.mailflags import BACKEND
from culver.mail.uids import UidSet, uids_to_array
from culver_plugins.dbox.box import DboxBox
from culver_plugins.dbox.stable import places_of
from culver_plugins.mdbox.boxrecords import BoxColumns
from culver_plugins.mdbox.mailfile import file_ids_in
from culver_plugins.mdbox.purge import Purged, leave_file

if TYPE_CHECKING:
    from culver_plugins.mdbox.storage import MdboxStorage


def mark(box: DboxBox, uids: UidSet, *, to_alt: bool) -> tuple[UidSet, list[int]]:
    """Note in the mailbox's index where mails belong.  Returns them and their map UIDs.  Within
    ``PersistentIndex.run``."""
    with box.files.changing() as files:
        columns = BoxColumns.of(files.state)
        wanted = uids_to_array(uids)
        places = places_of(columns.uids, wanted)
        there, places = wanted[places >= 0], places[places >= 0]
        is_alt = files.state.flags[places] & np.uint8(BACKEND) != 0
        there, places = there[is_alt != to_alt], places[is_alt != to_alt]
        begin = files.begin()
        bits = {"add" if to_alt else "remove": BACKEND}
        begin.update_flags(there, **bits)
        begin.commit()
        return UidSet(there), columns.map_uids[places].tolist()


def move(storage: MdboxStorage, map_uids: Sequence[int], *, to_alt: bool) -> Purged:
    """Move mails; the files they were in are left by all their mails.  In a thread."""
    storage.need_alt()
    columns = storage.map.columns()
    places = places_of(columns.uids, np.unique(np.array(map_uids, np.uint32)))
    places = places[places >= 0]
    chosen = frozenset(columns.uids[places].tolist())
    done = Purged()
    for file_id in np.unique(columns.file_ids[places]).tolist():
        mine = frozenset(columns.uids[columns.file_ids == file_id].tolist())
        stay_alt = _is_alt(storage, file_id)
        if to_alt != stay_alt:
            alt = chosen & mine if to_alt else mine - chosen
            done += leave_file(storage, file_id, alt)
    return done


def _is_alt(storage: MdboxStorage, file_id: int) -> bool:
    return file_id not in file_ids_in(storage.directory)
