"""Move mails between primary and alternative storage (R4-045).

A mail lies in one file, whatever number of mailboxes have it: it goes to the alternative storage
when all that have it are named in one call, and back when one is.  Like Dovecot, mdbox keeps no
mark of it in the mailboxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from culver.mail.uids import UidSet, uids_to_array
from culver_plugins.dbox.box import DboxBox
from culver_plugins.dbox.stable import places_of
from culver_plugins.mdbox.boxrecords import BoxColumns
from culver_plugins.mdbox.mailfile import file_ids_in
from culver_plugins.mdbox.purge import Purged, leave_file

if TYPE_CHECKING:
    from culver_plugins.mdbox.storage import MdboxStorage


def map_uids_of(box: DboxBox, uids: UidSet) -> tuple[UidSet, list[int]]:
    """Those of the mails that the mailbox has, and their map UIDs."""
    columns = BoxColumns.of(box.files.files.state)
    wanted = uids_to_array(uids)
    places = places_of(columns.uids, wanted)
    return UidSet(wanted[places >= 0]), columns.map_uids[places[places >= 0]].tolist()


def move(storage: MdboxStorage, map_uids: Sequence[int], *, to_alt: bool) -> Purged:
    """Move mails, named once for each mailbox that has them; the files they were in are left by
    all their mails.  In a thread."""
    storage.need_alt()
    columns = storage.map.columns()
    named, counts = np.unique(np.array(map_uids, np.uint32), return_counts=True)
    places = places_of(columns.uids, named)
    wanted = places >= 0
    if to_alt:
        wanted &= counts >= columns.refs[places]
    places = places[wanted]
    chosen = frozenset(columns.uids[places].tolist())
    done = Purged()
    for file_id in np.unique(columns.file_ids[places]).tolist():
        if _is_alt(storage, file_id) != to_alt:
            mine = frozenset(columns.uids[columns.file_ids == file_id].tolist())
            done += leave_file(storage, file_id, chosen & mine if to_alt else mine - chosen)
    return done


def _is_alt(storage: MdboxStorage, file_id: int) -> bool:
    return file_id not in file_ids_in(storage.directory)
