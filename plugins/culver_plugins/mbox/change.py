"""What sessions do to an mbox: change flags, remove mails, claim recent ones."""

from __future__ import annotations

from culver.mail.changes import FlagChange
from culver.mail.storage import Found
from culver.mail.uids import UidSet
from culver_plugins.mbox.box import MboxBox
from culver_plugins.mbox.found import merge
from culver_plugins.mbox.look import look
from culver_plugins.mbox.update import write_stale


def rescan(box: MboxBox) -> Found:
    """Look; give UIDs to mails that have none, and write them down."""
    with box.opened(write=False) as fd:
        found = look(box, fd)
    if box.writable and (not box.entries or any(entry.stale for entry in box.entries)):
        try:
            with box.opened(write=True) as fd:
                found = merge(found, look(box, fd))
                write_stale(box, fd)
        except PermissionError:
            box.writable = False  # UIDs that can't be written last as long as the box is open
    return found


def write_flags(box: MboxBox, uids: UidSet, change: FlagChange) -> Found:
    """Change flags on top of what others have changed."""
    with box.opened(write=True) as fd:
        found = look(box, fd, whole=box.check_at > 0)
        if change.mode != "remove" and box.add_keywords(change.keywords) and box.entries:
            box.entries[0].stale = True
        mask = box.mask(change.keywords)
        there = [uid for uid in uids if uid in box.by_uid]
        old = {uid: (box.by_uid[uid].flags, box.by_uid[uid].keywords) for uid in there}
        for uid in there:
            entry = box.by_uid[uid]
            now = _apply(change, mask, entry.flags, entry.keywords)
            entry.stale |= now != (entry.flags, entry.keywords)
            entry.flags, entry.keywords = now
        try:
            write_stale(box, fd)
        except BaseException:
            for uid, (flags, keywords) in old.items():
                box.by_uid[uid].flags, box.by_uid[uid].keywords = flags, keywords
            raise
        return merge(found, Found(changed=box.rows(sorted(there))))


def _apply(change: FlagChange, mask: int, flags: int, keywords: int) -> tuple[int, int]:
    if change.mode == "add":
        return flags | change.flags, keywords | mask
    if change.mode == "remove":
        return flags & ~change.flags, keywords & ~mask
    return change.flags, mask


def remove(box: MboxBox, uids: UidSet) -> Found:
    """Take mails out of the file."""
    with box.opened(write=True) as fd:
        # Mails move: all that others changed is to be known before, or it could be undone.
        found = look(box, fd, whole=box.check_at > 0)
        gone = UidSet(uid for uid in uids if uid in box.by_uid)
        write_stale(box, fd, gone)
        box.recent -= gone
        return merge(found, Found(expunged=gone))


def claim(box: MboxBox) -> UidSet:
    """Write ``O`` into the Status of what is recent: who writes it has it for his session."""
    wanted = box.recent.copy()
    taken = wanted.copy()
    if box.writable:
        try:
            with box.opened(write=True) as fd:
                box.untold.append(look(box, fd))
                taken &= box.recent
                for uid in taken:
                    box.by_uid[uid].recent, box.by_uid[uid].stale = False, True
                write_stale(box, fd)
        except PermissionError:
            box.writable = False
    box.claimed |= taken if not box.writable else UidSet()
    box.recent -= taken
    return taken
