"""Write the headers of mails whose entries say something else than the file, and drop mails.

In place where the header has room; otherwise the tail of the file is replaced
(:mod:`culver_plugins.mbox.journal`).
"""

from __future__ import annotations

import email.utils
import os
import time
import zlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import msgspec

from culver.mail.uids import UidSet
from culver_plugins.mbox import journal
from culver_plugins.mbox.box import MboxBox
from culver_plugins.mbox.entry import Entry
from culver_plugins.mbox.fileview import FileView
from culver_plugins.mbox.fromline import make_from
from culver_plugins.mbox.metadata import PSEUDO_BODY, Metadata, visible, write_metadata

_NOBODY: Final = UidSet()


class _Head(msgspec.Struct):
    """A header to be written."""

    old: bytes
    new: bytes
    shared: int
    """How many bytes at the beginning are the same in both."""
    line: bytes
    """The From line before it."""
    blank: bytes
    """The empty line behind it."""

    @property
    def fits(self) -> bool:
        return len(self.old) == len(self.new)


def write_stale(box: MboxBox, fd: int, drop: UidSet = _NOBODY) -> bool:
    """Bring the file in accord with the entries, without those of ``drop``.  Under the write
    lock and after a look.  False when there was nothing to do."""
    before = os.fstat(fd)
    keep = [entry for entry in box.entries if not entry.uid or entry.uid not in drop]
    if not keep:
        _write_pseudo(box, fd)
        finish(box, fd, before)
        return True
    if keep[0] is not box.entries[0]:
        keep[0].stale = True
    if len(keep) == len(box.entries) and not any(entry.stale for entry in keep):
        return False
    view = FileView.of(fd, before.st_size)
    heads = {e.uid: _head(box, view, e, first=e is keep[0]) for e in keep if e.stale}
    moved = _first_moved(box.entries, heads, drop)
    _write_in_place(fd, box.entries[:moved], heads)
    if moved < len(box.entries):
        _write_tail(box, fd, moved, heads, drop)
    for entry in keep:
        entry.stale = False
    finish(box, fd, before)
    return True


def finish(box: MboxBox, fd: int, before: os.stat_result) -> None:
    """Note our own change.

    Dovecot compares size and whole seconds of the mtime with what it saw last.  A size may come
    back, so the mtime of a file that hasn't grown must be one that it never had; a few seconds in
    the future do no harm.  The atime is kept: "has new mail" is an mtime after it."""
    after = os.fstat(fd)
    least = box.latest + (after.st_size <= before.st_size)
    touched = max(after.st_mtime_ns, least * 1_000_000_000)
    with suppress(PermissionError):
        os.utime(fd, ns=(before.st_atime_ns, touched))
    box.note(os.fstat(fd), looked=False)


def _head(box: MboxBox, view: FileView, entry: Entry, *, first: bool) -> _Head:
    old = view.read(entry.header, entry.ends)
    line = view.read(entry.start, entry.header)
    own = visible(old)
    said = Metadata(
        uid=entry.uid,
        flags=entry.flags,
        old=not entry.recent,
        keywords=box.names(entry.keywords),
        base=box.base if first else None,
        pseudo=not entry.uid,
    )
    eol = b"\r\n" if line.endswith(b"\r\n") else b"\n"
    size = entry.end - entry.body
    new = write_metadata(own, said, body_size=size, eol=eol, room=len(old))
    shared = len(own) if old.startswith(own) else 0
    return _Head(old, new, shared, line, view.read(entry.ends, entry.body))


def _first_moved(entries: Sequence[Entry], heads: dict[int, _Head], drop: UidSet) -> int:
    """Place of the first mail that can't stay where it is."""
    for place, entry in enumerate(entries):
        head = heads.get(entry.uid)
        if (entry.uid and entry.uid in drop) or (head is not None and not head.fits):
            return place
    return len(entries)


def _write_in_place(fd: int, entries: Sequence[Entry], heads: dict[int, _Head]) -> None:
    for entry in entries:
        head = heads.get(entry.uid)
        if head is not None and head.new != head.old:
            old, new = head.old, head.new
            start = next(i for i in range(head.shared, len(new)) if new[i] != old[i])
            end = next(i for i in range(len(new), 0, -1) if new[i - 1] != old[i - 1])
            os.pwrite(fd, new[start:end], entry.header + start)
            entry.check = zlib.crc32(head.line + new + head.blank)


def _write_tail(box: MboxBox, fd: int, first: int, heads: dict[int, _Head], drop: UidSet) -> None:
    """Replace all from a mail on."""
    entries = box.entries
    size = os.fstat(fd).st_size
    begin = out = entries[first].start
    pieces: list[journal.Piece] = []
    kept: list[Entry] = []
    for place in range(first, len(entries)):
        entry = entries[place]
        if entry.uid and entry.uid in drop:
            continue
        behind = entries[place + 1].start if place + 1 < len(entries) else size
        new = _moved(entry, out, heads.get(entry.uid))
        _add_pieces(pieces, entry, behind, heads.get(entry.uid))
        out = new.end + behind - entry.end
        kept.append(new)
    journal.replace_tail(fd, box.control, begin, pieces, sync=box.sync)
    box.set_entries([*entries[:first], *kept])


def _moved(entry: Entry, start: int, head: _Head | None) -> Entry:
    by = start - entry.start
    grown = len(head.new) - len(head.old) if head else 0
    return msgspec.structs.replace(
        entry,
        start=start,
        header=entry.header + by,
        ends=entry.ends + by + grown,
        body=entry.body + by + grown,
        end=entry.end + by + grown,
        check=zlib.crc32(head.line + head.new + head.blank) if head else entry.check,
        stale=False,
    )


def _add_pieces(pieces: list[journal.Piece], entry: Entry, behind: int, head: _Head | None) -> None:
    if head is None:
        _add_range(pieces, entry.start, behind)
        return
    # What stays is copied from the file: the headers of a large mailbox don't fit into memory.
    _add_range(pieces, entry.start, entry.header + head.shared)
    pieces.append(head.new[head.shared :])
    _add_range(pieces, entry.ends, behind)


def _add_range(pieces: list[journal.Piece], start: int, end: int) -> None:
    last = pieces[-1] if pieces else b""
    if isinstance(last, tuple) and last[1] == start:
        pieces[-1] = (last[0], end)
    else:
        pieces.append((start, end))


def _write_pseudo(box: MboxBox, fd: int) -> None:
    """An mbox without mails holds the message that keeps UIDVALIDITY and the last UID (R4-027)."""
    now = int(time.time())
    host = os.uname().nodename
    line = make_from("MAILER_DAEMON", now)
    own = (
        f"Date: {email.utils.formatdate(now, localtime=True)}\n"
        f"From: Mail System Internal Data <MAILER-DAEMON@{host}>\n"
        "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
        f"Message-ID: <{now}@{host}>\n"
    ).encode()
    said = Metadata(base=box.base, pseudo=True)
    header = write_metadata(own, said, body_size=len(PSEUDO_BODY))
    journal.replace_tail(
        fd, box.control, 0, [line + header + b"\n" + PSEUDO_BODY + b"\n"], sync=box.sync
    )
    ends = len(line) + len(header)
    entry = Entry(0, len(line), ends, ends + 1, ends + 1 + len(PSEUDO_BODY), uid=0, received=now)
    entry.check = zlib.crc32(line + header + b"\n")
    box.set_entries([entry])
