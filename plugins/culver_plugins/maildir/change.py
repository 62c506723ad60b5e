"""Change flags and remove mails: renames and unlinks, each safe against others doing the same."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from culver.mail.changes import FlagChange
from culver.mail.rows import join_rows
from culver.mail.storage import Found
from culver.mail.uids import UidSet
from culver_plugins.maildir.box import MaildirBox
from culver_plugins.maildir.filename import flags_of, with_flags
from culver_plugins.maildir.scan import scan

_TRIES: Final = 10


def write_flags(box: MaildirBox, uids: UidSet, change: FlagChange) -> Found:
    """Rename each file from the name it has now: when somebody else changed its flags in
    between, the rename fails, and is done again on top of theirs."""
    found = Found() if box.look() == box.stamp else scan(box)
    _add_keywords(box, change)
    mask = box.keyword_file.mask(change.keywords)
    done = rename_all(box, uids, change, mask)
    for _ in range(_TRIES):
        left = [uid for uid in uids if uid not in done and uid in box.files]
        if not left:
            break
        found = merge(found, scan(box))
        done |= rename_all(box, left, change, mask)
    box.note(box.look(), own=True)
    rows = box.rows(sorted(uid for uid in done if uid in box.files))
    return merge(found, Found(changed=rows))


def is_quick(box: MaildirBox, change: FlagChange) -> bool:
    """Whether the change is renames and nothing else: no scan, no new keyword, no lock."""
    box.keyword_file.read()
    return box.look() == box.stamp and not box.keyword_file.missing(change.keywords)


def _add_keywords(box: MaildirBox, change: FlagChange) -> None:
    box.keyword_file.read()
    if change.mode != "remove" and box.keyword_file.missing(change.keywords):
        perms = box.permissions
        with box.locked():
            box.keyword_file.read()
            box.keyword_file.add(change.keywords, mode=perms.file_mode, gid=perms.gid)


def rename_all(box: MaildirBox, uids: Iterable[int], change: FlagChange, mask: int) -> set[int]:
    """Rename files to what a change makes of their flags.  Returns the UIDs whose files have
    the flags now."""
    done: set[int] = set()
    for uid in uids:
        path = box.files.get(uid)
        if path is None:
            continue
        flags, keywords = flags_of(path)
        new = "cur/" + with_flags(path[4:], *apply(change, mask, flags, keywords))
        if new != path:
            try:
                os.rename(f"{box.directory}/{path}", f"{box.directory}/{new}")
            except FileNotFoundError:
                continue
            box.files[uid] = new
        done.add(uid)
    return done


def apply(change: FlagChange, mask: int, flags: int, keywords: int) -> tuple[int, int]:
    """Flags and keywords after the change; ``mask`` are the change's keywords as bits."""
    if change.mode == "add":
        return flags | change.flags, keywords | mask
    if change.mode == "remove":
        return flags & ~change.flags, keywords & ~mask
    return change.flags, mask


def remove(box: MaildirBox, uids: UidSet) -> Found:
    """Unlink mails.  Their lines in the uidlist go at its next rewrite."""
    found = Found() if box.look() == box.stamp else scan(box)
    gone: list[int] = []
    for uid in uids:
        for _ in range(_TRIES):
            path = box.file(uid)
            if path is None:
                break
            try:
                os.unlink(path)
            except FileNotFoundError:
                found = merge(found, scan(box))
                continue
            del box.files[uid]
            gone.append(uid)
            break
    box.recent -= UidSet(gone)
    box.note(box.look(), own=True)
    return merge(found, Found(expunged=UidSet(gone)))


def claim(box: MaildirBox, found: UidSet) -> UidSet:
    """Move what is recent out of new/; who succeeds has it for his session."""
    known = box.look() == box.stamp
    claimed = UidSet(uid for uid in found if _move_to_cur(box, uid))
    box.recent -= found
    if known:
        box.note(box.look(), own=True)
    return claimed


def empty_new(box: MaildirBox) -> None:
    """Move all out of new/ without claiming it (maildir_empty_new)."""
    for uid in box.recent:
        _move_to_cur(box, uid)
    box.note(box.look(), own=True)


def _move_to_cur(box: MaildirBox, uid: int) -> bool:
    """False when another session was faster, or the store is read-only."""
    path = box.files.get(uid)
    if path is None or path.startswith("cur/"):
        return path is not None
    new = "cur/" + (path[4:] if ":2," in path else f"{path[4:]}:2,")
    try:
        os.rename(f"{box.directory}/{path}", f"{box.directory}/{new}")
    except OSError:
        return False
    box.files[uid] = new
    return True


def merge(first: Found, second: Found) -> Found:
    """Both, as one told after the other."""
    if not first:
        return second
    if not second:
        return first
    return Found(
        appeared=join_rows(first.appeared, second.appeared),
        changed=join_rows(first.changed, second.changed),
        expunged=first.expunged | second.expunged,
    )
