"""Open a Maildir's index, and know from it alone whether the mailbox is as it was."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from functools import partial

from culver.index.engine import MailboxIndex
from culver.mail.engine.openindex import index_settings, open_index
from culver.mail.storagecontext import StorageContext
from culver_plugins.maildir.box import MaildirBox
from culver_plugins.maildir.indexsync import rebuild
from culver_plugins.maildir.syncheader import SyncHeader
from culver_plugins.maildir.uidlist import read_guid


def open_box(box: MaildirBox, directory: str, context: StorageContext) -> None:
    """Open or make the index files in a directory.  Where even that is not allowed, in a store
    that isn't ours to write, the box goes without."""
    perms = box.permissions
    settings = index_settings(context, mode=perms.file_mode, gid=perms.gid)
    if settings.fsync == "optimized":
        # What an index of a Maildir holds is in the names and in dovecot-uidlist too.
        settings = index_settings(context, mode=perms.file_mode, gid=perms.gid, fsync="never")
    box.has_index = True
    os.makedirs(directory, mode=0o700, exist_ok=True)
    index = open_index(context, directory, settings, partial(_uid_validity, box), _rebuilder(box))
    state = index.files.state
    box.uid_validity, box.uid_next = state.header.uid_validity, state.header.next_uid
    if is_settled(box, index.files) and SyncHeader.of(state).knows_uidlist(box.uidlist.path):
        box.guid = read_guid(box.uidlist.path)
    if not box.guid:
        box.uid_validity = 0
        box.load()
    if box.uid_validity != state.header.uid_validity:
        index.files.recreate(box.uid_validity, 1, state.modseq + 1)
        rebuild(box, index.files)
        index.restart()
    box.keyword_file.read()
    box.index = index


def _rebuilder(box: MaildirBox) -> Callable[[MailboxIndex], None]:
    # Weakly: the index is the box's, and descriptors shall not wait for a garbage collection.
    reference = weakref.ref(box)

    def again(files: MailboxIndex) -> None:
        found = reference()
        if found is not None:
            rebuild(found, files)

    return again


def _uid_validity(box: MaildirBox) -> int:
    box.load()
    return box.uid_validity


def is_settled(box: MaildirBox, files: MailboxIndex) -> bool:
    """Whether the index knows all that the directories hold: two stats.

    Either this process looked last, or somebody did who wrote the directories' times to the
    index; then names of files may be others than ``box.files`` says, which is found out when one
    is opened."""
    look = box.look()
    if look == box.stamp:
        return box.is_known()
    header = SyncHeader.of(files.state)
    if not header.knows(look[1], look[2]):
        return False
    box.note(look)
    box.names_old = True
    box.check_at = header.look_again_at
    return True
