"""Look at new/ and cur/ and find out what others did."""

from __future__ import annotations

import os
import time
from typing import Final

import msgspec

from culver.mail.storage import Found
from culver.mail.uids import UidSet
from culver_plugins.maildir.box import TICK, MaildirBox, Stamp
from culver_plugins.maildir.filename import arrival_order, base_of, flags_of, make_name
from culver_plugins.maildir.uidlist import Damaged

_TRIES: Final = 5


class _Listing(msgspec.Struct):
    stamp: Stamp
    files: dict[int, str]
    """UID -> path, of files that have one."""
    unknown: dict[str, str]
    """Base name -> path, of files that need a UID."""


def scan(box: MaildirBox, *, locked: bool = False) -> Found:
    """Bring ``box`` up to date.  ``locked``: the caller holds the lock and has read the list."""
    if not locked:
        _read_uidlist(box)
    listing = _settled(box)
    if listing.unknown and locked:
        listing = _assign(box, listing)
    elif listing.unknown:
        try:
            with box.locked():
                # Who holds the lock may be about to write the UIDs of what was just listed.
                box.load_locked()
                listing = _assign(box, _settled(box))
                _compress(box, listing.files)
        except PermissionError:
            pass  # only known mails can be shown in a store that is not ours to write
    return _compare(box, listing)


def _read_uidlist(box: MaildirBox) -> None:
    try:
        box.uidlist.read()
    except (FileNotFoundError, Damaged):
        with box.locked():
            box.load_locked()
    box.keyword_file.read()


def _settled(box: MaildirBox) -> _Listing:
    """A listing in which a mail is missing only if it is gone.

    A file renamed while its directory is read may be listed under both names or under none, so
    a listing with something missing counts only if nothing was renamed meanwhile.
    """
    told = box.told()
    listing = _list(box)
    for _ in range(_TRIES):
        if told <= listing.files.keys():
            break
        quiet = time.time_ns() - max(listing.stamp[1:]) > TICK
        if quiet and box.look() == listing.stamp:
            break
        time.sleep(TICK / 1e9)
        listing = _list(box)
    return listing


def _list(box: MaildirBox) -> _Listing:
    listing = _Listing(box.look(), {}, {})
    known, old, files, unknown = box.uidlist.uids, box.told(), listing.files, listing.unknown
    told = box.highest_told
    # new/ first: what moves to cur/ meanwhile is seen twice, not missed.
    for directory in ("new", "cur"):
        for name in os.listdir(f"{box.directory}/{directory}"):
            base = name.partition(":")[0]
            path = f"{directory}/{name}"
            uid = known.get(base)
            if uid is not None and (uid > told or uid in old):
                if uid in files:
                    path = _duplicate(box, files[uid], path)
                files[uid] = path
            elif name[0] != "." and "\n" not in name and "\r" not in name:
                if base in unknown:
                    path = _duplicate(box, unknown[base], path)
                unknown[base] = path
    return listing


def _duplicate(box: MaildirBox, first: str, second: str) -> str:
    """Two files with one base name.  Returns the path that keeps it.

    The same inode twice is one mail (a rename in progress, or a link left by a crash); another
    mail gets a name of its own, so that it is found as a new mail.
    """
    one, other = f"{box.directory}/{first}", f"{box.directory}/{second}"
    try:
        same = os.path.samestat(os.lstat(one), os.lstat(other))
    except FileNotFoundError:
        return second if not os.path.lexists(one) else first
    try:
        if same:
            os.unlink(one)
            return second
        os.rename(other, f"{box.directory}/new/{make_name()}")
    except (FileNotFoundError, PermissionError):
        pass
    return first


def _assign(box: MaildirBox, listing: _Listing) -> _Listing:
    """Give UIDs to files that have none.  Under the lock."""
    unknown = dict(_refile(box, base, path) for base, path in listing.unknown.items())
    bases = sorted(unknown, key=arrival_order)
    if bases:
        uids = box.uidlist.assign(bases)
        if not box.uidlist.must_rewrite:
            box.uidlist.append(bases, uids, sync=box.sync)
        listing.files.update((uid, unknown[b]) for uid, b in zip(uids, bases, strict=True))
        box.recent |= UidSet(uids)
    return _Listing(listing.stamp, listing.files, {})


def _refile(box: MaildirBox, base: str, path: str) -> tuple[str, str]:
    """Give a file a new name if its UID was told to be expunged and it is back.

    It must get a new UID (RFC 3501 2.3.1.1); under the old name the old one would come back
    when the list is read again."""
    if base not in box.uidlist.uids:
        return base, path
    name = make_name()
    box.uidlist.forget_uids([base])
    new = path.replace(base, name, 1)
    os.rename(f"{box.directory}/{path}", f"{box.directory}/{new}")
    return name, new


def compress(box: MaildirBox) -> None:
    """Write the list of UIDs anew when much of it is about mails that are gone.  Under the lock,
    after a look."""
    _compress(box, box.files)


def _compress(box: MaildirBox, files: dict[int, str]) -> None:
    if box.uidlist.wants_rewrite(len(files)):
        box.rewrite([base_of(path[4:]) for path in files.values()])


def _compare(box: MaildirBox, listing: _Listing) -> Found:
    """What is different from ``box.files``, which is then replaced."""
    old, new = box.files, listing.files
    if box.has_index:
        # The index is what is compared with.
        box.files, box.names_old = new, False
        box.note(listing.stamp)
        box.take_header()
        return Found()
    appeared = sorted(new.keys() - old.keys())
    gone = old.keys() - new.keys()
    moved = [uid for uid, path in new.items() if uid in old and old[uid] != path]
    box.files = new
    box.note(listing.stamp)
    box.take_header()
    box.recent -= UidSet(gone)
    box.recent |= UidSet(uid for uid in appeared if new[uid].startswith("new/"))
    # Somebody else took these out of new/, and so has shown them as recent.
    box.recent -= UidSet(uid for uid in moved if new[uid].startswith("cur/"))
    if appeared:
        box.highest_told = appeared[-1]
    changed = {uid for uid in moved if flags_of(old[uid]) != flags_of(new[uid])}
    changed |= _named_now(box) - set(appeared)
    return Found(
        appeared=box.rows(appeared), changed=box.rows(sorted(changed)), expunged=UidSet(gone)
    )


def _named_now(box: MaildirBox) -> set[int]:
    """Mails with a letter that got its name only after the mails were seen."""
    named = box.unnamed & box.keyword_bits()
    box.unnamed &= ~named
    if not named:
        return set()
    return {uid for uid, path in box.files.items() if flags_of(path)[1] & named}
