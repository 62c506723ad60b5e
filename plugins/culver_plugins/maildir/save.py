"""Save mails: written and synced in tmp/ without a lock, then moved and numbered together."""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from culver.errors import CulverError, Refused
from culver.mail.engine.indexed import index_of
from culver.mail.files import fsync_dirs, set_access, storage_error, try_unlink, write_all
from culver.mail.newmail import Buffer, Link, NewMail, Saved
from culver.mail.storage import Found
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver.mime.crlf import iter_crlf, to_crlf, to_lf, virtual_size
from culver_plugins.maildir import indexsync
from culver_plugins.maildir.box import MaildirBox
from culver_plugins.maildir.change import merge
from culver_plugins.maildir.filename import make_name, with_flags
from culver_plugins.maildir.scan import scan
from culver_plugins.maildir.syncheader import SyncHeader

_CHUNK: Final = 1 << 20


class MaildirLink(Link):
    """A mail in a Maildir of this user."""

    def __init__(self, box: MaildirBox, uid: int, context: StorageContext, base: str) -> None:
        self.box = box
        self.uid = uid
        self.context = context
        self.base = base
        self.physical, self.virtual = -1, -1

    @property
    def size(self) -> int:
        """Bytes as they lie on the disk, transforms undone."""
        return len(self.read()) if self.physical < 0 else self.physical

    def read(self) -> Buffer:
        """The mail; looked for again when it was renamed meanwhile."""
        path = self.box.file(self.uid)
        try:
            if path is not None:
                with open(path, "rb", buffering=0) as file:
                    return self.context.decode(file.read())
        except FileNotFoundError:
            pass
        raise Refused("EXPUNGEISSUED", "Some of the messages no longer exist")


class Spooled(msgspec.Struct):
    """A mail that lies in tmp/, synced, waiting for its UID."""

    mail: NewMail
    path: str
    name: str
    """Base name to be, with S= and W=."""
    size: int
    virtual: int
    guid: str
    """As asked for by the mail; empty: the base name is the GUID."""


class Pending(msgspec.Struct):
    """Spooled mails of one save, waiting to be committed together with those of others."""

    spooled: list[Spooled]
    saved: list[Saved] | None = None
    error: CulverError | None = None


def spool(
    box: MaildirBox, mail: NewMail, name: str, context: StorageContext, *, hardlinks: bool
) -> Spooled:
    """Write a mail to tmp/, or link it there.  Nothing is left behind on failure."""
    path = f"{box.directory}/tmp/{name}"
    if hardlinks and isinstance(mail.link, MaildirLink):
        linked = _hard_link(box, mail, mail.link, path)
        if linked is not None:
            return linked
    try:
        size, virtual = _write(box, mail, context, path)
    except BaseException:
        try_unlink(path)
        raise
    return Spooled(mail, path, f"{name},S={size},W={virtual}", size, virtual, mail.guid or "")


def _hard_link(box: MaildirBox, mail: NewMail, link: MaildirLink, path: str) -> Spooled | None:
    """None when it can't be linked: another file system, sizes unknown, no rights."""
    source = link.box.file(link.uid)
    if source is None or link.physical < 0 or link.virtual < 0:
        return None
    try:
        os.link(source, path, follow_symlinks=False)
    except OSError:
        return None
    if mail.received is not None and int(os.stat(path).st_mtime) != mail.received:
        os.unlink(path)  # the inode's mtime is the other mail's INTERNALDATE too
        return None
    return Spooled(mail, path, link.base, link.physical, link.virtual, mail.guid or "")


def _write(box: MaildirBox, mail: NewMail, context: StorageContext, path: str) -> tuple[int, int]:
    body = mail.content()
    perms = box.permissions
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
    fd = os.open(path, flags, perms.file_mode)
    try:
        set_access(fd, perms.file_mode, perms.gid)
        sizes = _write_body(fd, body, context)
        received = mail.received
        if received is not None:
            os.utime(fd, (time.time(), received))
        if box.sync:
            os.fdatasync(fd) if received is None else os.fsync(fd)
    finally:
        os.close(fd)
    return sizes


def _write_body(fd: int, body: Buffer, context: StorageContext) -> tuple[int, int]:
    """Returns size and virtual size of what was stored, before transforms."""
    if isinstance(body, bytes) or context.transforms:
        text = to_crlf(body) if context.save_crlf else to_lf(body)
        stored = context.encode(text)
        write_all(fd, stored[:])
        return len(text), virtual_size(text)
    size = virtual = 0
    for piece in iter_crlf(body, chunk=_CHUNK) if context.save_crlf else _iter_lf(body):
        size += len(piece)
        virtual += virtual_size(piece)
        write_all(fd, piece)
    return size, size if context.save_crlf else virtual


def _iter_lf(body: mmap.mmap) -> Iterator[bytes]:
    """The mail with LF, in pieces; a CR at a cut waits for what follows."""
    at, size = 0, len(body)
    while at < size:
        end = min(at + _CHUNK, size)
        if end < size and body[end - 1] == 0x0D:
            end += 1
        yield to_lf(body, at, end)
        at = end


def drop(spooled: Sequence[Spooled]) -> None:
    """Remove from tmp/ what will not be saved."""
    for entry in spooled:
        try_unlink(entry.path)


def commit_all(box: MaildirBox, batch: Sequence[Pending]) -> Found:
    """Commit several saves as one; if that fails, each on its own, so that one bad mail
    doesn't fail the others."""
    try:
        saved, found = commit(box, [one for entry in batch for one in entry.spooled])
    except (CulverError, OSError) as error:
        if len(batch) == 1:
            drop(batch[0].spooled)
            doing = f"save to {box.directory}"
            batch[0].error = storage_error(error, doing) if isinstance(error, OSError) else error
            return Found()
        found = Found()
        for entry in batch:
            found = merge(found, commit_all(box, [entry]))
        return found
    at = 0
    for entry in batch:
        entry.saved = saved[at : at + len(entry.spooled)]
        at += len(entry.spooled)
    return found


def commit(box: MaildirBox, spooled: Sequence[Spooled]) -> tuple[list[Saved], Found]:
    """Move spooled mails to new/ or cur/ and give them UIDs.  All or none."""
    moved: list[str] = []
    try:
        with box.locked():
            news = box.load_locked()
            box.keyword_file.read()
            _add_keywords(box, spooled)
            if box.has_index:
                return _commit_indexed(box, spooled, moved)
            # Mails of others with lower UIDs come first; so is everything up to here known.
            found = scan(box, locked=True) if news or box.look() != box.stamp else Found()
            return _number(box, spooled, moved, found)
    except BaseException:
        for path in moved:
            try_unlink(path)
        box.uidlist.forget_uids([name for name, uid in box.uidlist.uids.items() if not uid])
        raise


def _add_keywords(box: MaildirBox, spooled: Sequence[Spooled]) -> None:
    wanted = dict.fromkeys(keyword for entry in spooled for keyword in entry.mail.keywords)
    if box.keyword_file.missing(wanted):
        perms = box.permissions
        box.keyword_file.add(wanted, mode=perms.file_mode, gid=perms.gid, in_index=box.has_index)


def _commit_indexed(
    box: MaildirBox, spooled: Sequence[Spooled], moved: list[str]
) -> tuple[list[Saved], Found]:
    with index_of(box).changing() as files:
        look = box.look()
        known = look == box.stamp or SyncHeader.of(files.state).knows(look[1], look[2])
        if known and not files.requests and files.state.header.next_uid == box.uidlist.next_uid:
            box.note(look, own=True)
        else:
            # Mails of others with lower UIDs come first; so is everything up to here known.
            indexsync.sync_locked(box, files, locked=True)
        began = int(time.time())
        saved, found = _number(box, spooled, moved, Found())
        state, transaction = files.state, files.begin()
        uids = np.array([one.uid for one in saved], np.uint32)
        flags = np.array([entry.mail.flags for entry in spooled], np.uint8)
        indexsync.write_new(box, state, transaction, uids, flags, np.zeros(len(uids), np.uint32))
        having: dict[str, list[int]] = {}
        for uid, entry in zip(uids.tolist(), spooled, strict=True):
            for keyword in entry.mail.keywords:
                having.setdefault(keyword, []).append(uid)
        for keyword, which in having.items():
            transaction.add_keyword(keyword, which)
        indexsync.header(box, began).write(transaction, state)
        transaction.commit()
        return saved, found


def _number(
    box: MaildirBox, spooled: Sequence[Spooled], moved: list[str], found: Found
) -> tuple[list[Saved], Found]:
    names = [_free_name(box, entry) for entry in spooled]
    paths = [_target(box, name, entry.mail) for name, entry in zip(names, spooled, strict=True)]
    for path, entry in zip(paths, spooled, strict=True):
        os.rename(entry.path, f"{box.directory}/{path}")
        moved.append(f"{box.directory}/{path}")
    if box.sync:
        fsync_dirs([f"{box.directory}/{name}" for name in sorted({path[:3] for path in paths})])
    uidlist = box.uidlist
    fields = [
        f"G{e.guid}" if e.guid and e.guid != n else "" for e, n in zip(spooled, names, strict=True)
    ]
    uids = uidlist.assign(names, fields)
    try:
        uidlist.append(names, uids, sync=box.sync)
    except OSError:
        uidlist.forget_uids(names)
        raise
    return _take_over(box, spooled, names, paths, uids, found)


def _free_name(box: MaildirBox, entry: Spooled) -> str:
    """A copy keeps its base name, which is its GUID, unless the mailbox has that one already."""
    if entry.name in box.uidlist.uids:
        name = f"{make_name()},S={entry.size},W={entry.virtual}"
        entry.guid = entry.guid or entry.name
        return name
    # Taken from now on, for a second copy in the same batch.
    box.uidlist.uids[entry.name] = 0
    return entry.name


def _target(box: MaildirBox, name: str, mail: NewMail) -> str:
    if not mail.flags and not mail.keywords:
        return f"new/{name}"
    return "cur/" + with_flags(name, mail.flags, box.keyword_file.mask(mail.keywords))


def _take_over(
    box: MaildirBox,
    spooled: Sequence[Spooled],
    names: list[str],
    paths: list[str],
    uids: list[int],
    found: Found,
) -> tuple[list[Saved], Found]:
    box.files.update(zip(uids, paths, strict=True))
    box.recent |= UidSet(uids)
    box.highest_told = uids[-1]
    box.note(box.look(), own=True)
    box.take_header()
    if not box.has_index:
        found = Found(
            appeared=box.rows([*found.appeared.uids.tolist(), *uids]),
            changed=found.changed,
            expunged=found.expunged,
        )
    guids = [entry.guid or name for entry, name in zip(spooled, names, strict=True)]
    saved = [Saved(box.uid_validity, uid, guid) for uid, guid in zip(uids, guids, strict=True)]
    return saved, found
