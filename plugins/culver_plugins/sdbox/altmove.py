"""Move mails between the primary and the alternative storage (R4-045)."""

from __future__ import annotations

import os

import numpy as np

from culver.errors import Refused, Unavailable
from culver.index.mailflags import BACKEND
from culver.mail.files import fsync_dir, try_unlink
from culver.mail.uids import UidSet, uids_to_array
from culver_plugins.dbox.box import DboxBox
from culver_plugins.sdbox.files import copy_durably

_MOVED_AT_ONCE = 64
"""Mails between two commits, so that a lock is never held for long."""


def altmove(box: DboxBox, uids: UidSet, *, to_alt: bool) -> UidSet:
    """Copy the files, note it in the index, then remove the old ones: whoever reads meanwhile
    finds a mail in one place or both.  Within ``PersistentIndex.run``."""
    alt = alt_of(box)
    source, target = (box.directory, alt) if to_alt else (alt, box.directory)
    moved = UidSet()
    wanted = uids_to_array(uids)
    for at in range(0, len(wanted), _MOVED_AT_ONCE):
        part = wanted[at : at + _MOVED_AT_ONCE].tolist()
        moved |= _move(box, part, source, target, to_alt=to_alt)
    return moved


def alt_of(box: DboxBox) -> str:
    """The mailbox's directory in the alternative storage, made now.

    Refused CANNOT without ALT=; Unavailable while the storage is not mounted: its root is never
    made here, so that nothing is moved onto the disk below a mount point."""
    if box.alt is None:
        raise Refused("CANNOT", "No alternative storage", "mail_location has no ALT=")
    depth = len(box.path) + 2  # mailboxes/<name>/dbox-Mails
    root = "/".join(box.alt.split("/")[:-depth])
    if not os.path.isdir(root):
        raise Unavailable("UNAVAILABLE", "The alternative storage is not there", root)
    os.makedirs(box.alt, mode=0o700, exist_ok=True)
    return box.alt


def _move(box: DboxBox, uids: list[int], source: str, target: str, *, to_alt: bool) -> UidSet:
    with box.files.changing() as files:
        there = np.array(uids, np.uint32)[files.state.rows_of(uids)[1]].tolist()
        moved = [uid for uid in there if os.path.exists(f"{source}/u.{uid}")]
        for uid in moved:
            copy_durably(f"{source}/u.{uid}", f"{target}/u.{uid}")
        if moved:
            fsync_dir(target)
            begin = files.begin()
            bits = {"add" if to_alt else "remove": BACKEND}
            begin.update_flags(moved, **bits)
            begin.commit()
    for uid in moved:
        try_unlink(f"{source}/u.{uid}")
    return UidSet(moved)
