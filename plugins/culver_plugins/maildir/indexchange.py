"""Change flags and remove mails where there is an index: the files first, then one append to the
log, all under the log's lock.

Dying between the two leaves a changed directory, so the next look finds what was done.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Final

import numpy as np

from culver.index.engine import MailboxIndex
from culver.mail.changes import FlagChange
from culver.mail.engine.flagwrites import write_change
from culver.mail.engine.indexed import index_of
from culver.mail.uids import UidSet
from culver_plugins.maildir import indexsync
from culver_plugins.maildir.box import MaildirBox
from culver_plugins.maildir.change import rename_all
from culver_plugins.maildir.syncheader import SyncHeader

_TRIES: Final = 10


def is_quick(box: MaildirBox, uids: UidSet, change: FlagChange) -> bool:
    """Whether the change is renames and an append: no look, no new letter."""
    box.keyword_file.read()
    wants_letter = change.mode != "remove" and box.keyword_file.wants(change.keywords)
    return not wants_letter and all(uid in box.files for uid in uids)


def write_flags(box: MaildirBox, uids: UidSet, change: FlagChange) -> None:
    """Rename each file from the name it has now.  When somebody else renamed one in between, the
    mailbox is looked at, and it is renamed on top of theirs."""
    _add_letters(box, change)
    left = list(uids)
    for _ in range(_TRIES):
        if any(uid not in box.files for uid in left):
            indexsync.sync(box)
            left = [uid for uid in left if uid in box.files]
        left = _write_some(box, left, change)
        if not left:
            return


def _write_some(box: MaildirBox, uids: Sequence[int], change: FlagChange) -> list[int]:
    """Returns those whose files were not where they used to be."""
    with index_of(box).changing() as files:
        began = _Began(box)
        done = rename_all(box, uids, change, box.keyword_file.mask(change.keywords))
        missed = [uid for uid in uids if uid not in done]
        for uid in missed:
            del box.files[uid]
        transaction = files.begin()
        write_change(transaction, files.state, np.array(sorted(done), np.uint32), change)
        began.finish(box, files)
        if began.header is not None:
            began.header.write(transaction, files.state)
        transaction.commit()
    return missed


def remove(box: MaildirBox, uids: UidSet) -> list[int]:
    """Unlink mails.  Their lines in the uidlist go at its next rewrite.  Returns what is gone."""
    left, gone = list(uids), list[int]()
    for _ in range(_TRIES):
        if any(uid not in box.files for uid in left):
            indexsync.sync(box)
            left = [uid for uid in left if uid in box.files]
        missed = _remove_some(box, left)
        gone += [uid for uid in left if uid not in missed]
        left = missed
        if not left:
            break
    return gone


def _remove_some(box: MaildirBox, uids: Sequence[int]) -> list[int]:
    missed: list[int] = []
    with index_of(box).changing() as files:
        began = _Began(box)
        for uid in uids:
            try:
                os.unlink(f"{box.directory}/{box.files[uid]}")
            except FileNotFoundError:
                missed.append(uid)
            del box.files[uid]
        lost = set(missed)
        transaction = files.begin()
        transaction.expunge([uid for uid in uids if uid not in lost])
        began.finish(box, files)
        if began.header is not None:
            began.header.write(transaction, files.state)
        transaction.commit()
    return missed


def claim(box: MaildirBox) -> UidSet:
    """Take what is recent: out of new/, and the index says so."""
    if os.listdir(f"{box.directory}/new"):
        missing = [uid for uid in index_of(box).recent if uid not in box.files]
        if missing:
            indexsync.sync(box)
    with index_of(box).changing() as files:
        began = _Began(box)
        state = files.state
        first = max(state.header.first_recent_uid, 1)
        claimed = state.uids[np.searchsorted(state.uids, first) :].tolist()
        _empty_new(box, claimed)
        transaction = files.begin()
        if first < state.header.next_uid:
            transaction.set_header("first_recent_uid", state.header.next_uid)
        began.finish(box, files)
        if began.header is not None:
            began.header.write(transaction, files.state)
        transaction.commit()
    return UidSet(claimed)


def empty_new(box: MaildirBox) -> None:
    """Move all out of new/ without claiming it (maildir_empty_new)."""
    with index_of(box).changing() as files:
        began = _Began(box)
        _empty_new(box, list(box.files))
        began.finish(box, files)


def _empty_new(box: MaildirBox, uids: Sequence[int]) -> None:
    for uid in uids:
        path = box.files.get(uid, "")
        if path.startswith("new/"):
            new = "cur/" + (path[4:] if ":2," in path else f"{path[4:]}:2,")
            try:
                os.rename(f"{box.directory}/{path}", f"{box.directory}/{new}")
            except OSError:
                continue  # moved by somebody else, or a store that isn't ours to write
            box.files[uid] = new


class _Began:
    """A change of files that begins: was everything before it known?  If so the mailbox is known
    after it too, and the index may say so."""

    def __init__(self, box: MaildirBox) -> None:
        self.time = int(time.time())
        self.known = box.look() == box.stamp
        self.header: SyncHeader | None = None

    def finish(self, box: MaildirBox, files: MailboxIndex) -> None:
        """Note the directories' times after it."""
        if self.known:
            box.note(box.look(), own=True)
            self.header = indexsync.header(box, self.time)


def _add_letters(box: MaildirBox, change: FlagChange) -> None:
    box.keyword_file.read()
    if change.mode != "remove" and box.keyword_file.wants(change.keywords):
        add_letters(box, change.keywords)


def add_letters(box: MaildirBox, keywords: Sequence[str]) -> None:
    """Give letters to keywords while there are letters; the rest is in the index only."""
    perms = box.permissions
    with box.locked():
        box.keyword_file.read()
        box.keyword_file.add(keywords, mode=perms.file_mode, gid=perms.gid, in_index=True)
