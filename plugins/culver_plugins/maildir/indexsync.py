"""Keep the index and the file names the same, as Dovecot's maildir-sync-index.c does.

Locks are taken in Dovecot's order, dovecot-uidlist.lock first, then the index's log.  Everything
here runs in a thread under both.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress

import numpy as np
from numpy.typing import NDArray

from culver.index.engine import MailboxIndex
from culver.index.logrecord import LogRecord
from culver.index.mailflags import DIRTY
from culver.index.msgrecords import FlagUpdate, KeywordReset, KeywordUpdate
from culver.index.state import IndexState
from culver.index.transaction import Transaction
from culver.mail.engine.indexed import index_of, requested_expunges
from culver.mail.flags import STORED_FLAGS
from culver_plugins.maildir.box import MaildirBox
from culver_plugins.maildir.filename import flags_of, with_flags
from culver_plugins.maildir.scan import compress, scan
from culver_plugins.maildir.syncheader import SyncHeader, sync_header

Uids = NDArray[np.uint32]
Letters = NDArray[np.uint32]


def sync(box: MaildirBox) -> None:
    """Look at the directories and at dovecot-uidlist, and bring the index up to date."""
    with _uidlist_locked(box) as locked, index_of(box).changing() as files:
        sync_locked(box, files, locked=locked)


def rebuild(box: MaildirBox, files: MailboxIndex) -> None:
    """The same for an index that was made anew or mended."""
    with _uidlist_locked(box) as locked, files.lock():
        sync_locked(box, files, locked=locked)


@contextmanager
def _uidlist_locked(box: MaildirBox) -> Generator[bool]:
    """False when the store is not ours to write: then only known mails can be shown."""
    with ExitStack() as stack:
        try:
            stack.enter_context(box.locked())
        except PermissionError:
            box.uidlist.read()
            locked = False
        else:
            box.load_locked()
            locked = True
        yield locked


def sync_locked(box: MaildirBox, files: MailboxIndex, *, locked: bool) -> None:
    """The same under both locks, dovecot-uidlist read."""
    began = int(time.time())
    box.keyword_file.read()
    box.take_index(files.state)
    scan(box, locked=locked)
    if locked:
        compress(box)
    transaction = files.begin()
    asked = bool(files.requests)
    if asked:
        _do_requests(box, files)
        transaction.mark_synced()
    _write(box, files.state, transaction)
    if locked:
        header(box, began).write(transaction, files.state)
    transaction.commit()


def header(box: MaildirBox, checked: int) -> SyncHeader:
    """What the index shall say of the look that ``box.stamp`` is of."""
    return sync_header(box.stamp[1], box.stamp[2], box.uidlist.path, checked)


def _write(box: MaildirBox, state: IndexState, transaction: Transaction) -> None:
    listed = sorted(box.files)
    uids = np.array(listed, np.uint32)
    parsed = [flags_of(box.files[uid]) for uid in listed]
    flags = np.fromiter((f for f, _ in parsed), np.uint8, len(parsed))
    letters = np.fromiter((k for _, k in parsed), np.uint32, len(parsed))
    box.unnamed = int(np.bitwise_or.reduce(letters, initial=0)) & ~box.keyword_bits()
    new = int(np.searchsorted(uids, state.header.next_uid))
    gone = np.setdiff1d(state.uids, uids[:new], assume_unique=True)
    if len(gone):
        transaction.expunge(gone)
    _write_changed(box, state, transaction, uids[:new], flags[:new], letters[:new])
    write_new(box, state, transaction, uids[new:], flags[new:], letters[new:])
    _drop_recent(box, state, transaction, uids[new:])
    if box.uidlist.next_uid > max(state.header.next_uid, listed[-1] + 1 if listed else 1):
        transaction.set_header("next_uid", box.uidlist.next_uid)


def _write_changed(
    box: MaildirBox,
    state: IndexState,
    transaction: Transaction,
    uids: Uids,
    flags: NDArray[np.uint8],
    letters: Letters,
) -> None:
    places, there = state.rows_of(uids)
    uids, flags, letters = uids[there], flags[there], letters[there]
    known = state.flags[places]
    # What could not be written to the file's name is right in the index.
    clean = known & np.uint8(DIRTY) == 0
    differ = clean & (known & np.uint8(STORED_FLAGS) != flags)
    for value in np.unique(flags[differ]).tolist():
        which = uids[differ & (flags == value)]
        transaction.update_flags(which, add=value, remove=STORED_FLAGS & ~value)
    if not letters.any() and not len(state.keywords):
        return
    for bit, name in enumerate(box.keywords):
        if not name:
            continue
        has = state.has_keyword(name)[places]
        wanted = letters >> np.uint32(bit) & np.uint32(1) != 0
        if (clean & wanted & ~has).any():
            transaction.add_keyword(name, uids[clean & wanted & ~has])
        if (clean & has & ~wanted).any():
            transaction.remove_keyword(name, uids[clean & has & ~wanted])


def write_new(
    box: MaildirBox,
    state: IndexState,
    transaction: Transaction,
    uids: Uids,
    flags: NDArray[np.uint8],
    letters: Letters,
) -> None:
    """Append mails."""
    if not len(uids):
        return
    transaction.append(flags, uids=uids)
    for bit, name in enumerate(box.keywords):
        having = uids[letters >> np.uint32(bit) & np.uint32(1) != 0]
        if name and len(having):
            transaction.add_keyword(name, having)


def _drop_recent(box: MaildirBox, state: IndexState, transaction: Transaction, uids: Uids) -> None:
    """A found mail that lies in cur/ was shown by another program, so neither it nor those before
    are recent."""
    seen = [uid for uid in uids.tolist() if box.files[uid].startswith("cur/")]
    if seen and seen[-1] >= state.header.first_recent_uid:
        transaction.set_header("first_recent_uid", seen[-1] + 1)


def _do_requests(box: MaildirBox, files: MailboxIndex) -> None:
    """Do to the files what Dovecot wrote to the log and did not do yet, because it died."""
    for uid in requested_expunges(files.requests).tolist():
        path = box.file(uid)
        if path is not None:
            with suppress(FileNotFoundError):
                os.unlink(path)
            del box.files[uid]
    state = files.state
    letters = np.zeros(state.messages, np.uint32)
    for bit, name in enumerate(box.keywords):
        if name:
            letters |= state.has_keyword(name).astype(np.uint32) << np.uint32(bit)
    for place in _requested_places(state, files.requests).tolist():
        _rename(box, int(state.uids[place]), int(state.flags[place]), int(letters[place]))
    box.note(box.look(), own=True)


def _rename(box: MaildirBox, uid: int, flags: int, letters: int) -> None:
    path = box.files.get(uid)
    if path is None:
        return
    new = "cur/" + with_flags(path[4:], flags & STORED_FLAGS, letters)
    if new != path:
        with suppress(FileNotFoundError):
            os.rename(f"{box.directory}/{path}", f"{box.directory}/{new}")
            box.files[uid] = new


def _requested_places(state: IndexState, requests: Sequence[LogRecord]) -> NDArray[np.intp]:
    """The rows of messages whose flags or keywords requests are about."""
    asked = np.zeros(state.messages, np.bool_)
    for record in requests:
        if isinstance(record, FlagUpdate):
            ranges = record.updates
        elif isinstance(record, KeywordUpdate | KeywordReset):
            ranges = record.ranges
        else:
            continue
        for start, end in zip(*state.spans(ranges), strict=True):
            asked[start:end] = True
    return np.flatnonzero(asked)
