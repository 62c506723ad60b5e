"""Append mails to an mbox (inventory R4-030: no ``>From`` quoting, Content-Length instead)."""

from __future__ import annotations

import os
import re
import time
import zlib
from collections.abc import Sequence
from typing import Final

import msgspec

from culver.errors import CulverError
from culver.mail.files import storage_error, write_all
from culver.mail.newmail import Buffer, NewMail, Saved
from culver.mail.storage import Found
from culver.mime.crlf import to_crlf, to_lf, virtual_size
from culver_plugins.mbox.box import MboxBox
from culver_plugins.mbox.digest import guid_of
from culver_plugins.mbox.entry import Entry
from culver_plugins.mbox.found import merge
from culver_plugins.mbox.fromline import make_from
from culver_plugins.mbox.look import look
from culver_plugins.mbox.metadata import Metadata, visible, write_metadata
from culver_plugins.mbox.update import finish, write_stale

_FROM_LINE: Final = re.compile(rb"^From [^\n]*\n", re.MULTILINE)


class Draft(msgspec.Struct):
    """A mail that is ready but for its UID."""

    mail: NewMail
    header: bytes
    """The mail's own lines."""
    body: bytes
    received: int
    eol: bytes


class Pending(msgspec.Struct):
    """The mails of one save, waiting to be appended together with those of others."""

    drafts: list[Draft]
    saved: list[Saved] | None = None
    error: CulverError | None = None


def draft(mail: NewMail, *, crlf: bool) -> Draft:
    """Read and convert the mail, before any lock is taken: a copy's source may be the same file."""
    eol = b"\r\n" if crlf else b"\n"
    header, body = _cut(mail.content(), crlf=crlf, eol=eol)
    own = visible(header)
    if b"From " in own:
        # Left by a program that forwards whole mboxes; it would cut the mail in two.
        own = _FROM_LINE.sub(b"", own)
    received = int(time.time()) if mail.received is None else mail.received
    return Draft(mail, own, body, received, eol)


def _cut(content: Buffer, *, crlf: bool, eol: bytes) -> tuple[bytes, bytes]:
    """Header lines and body, each ending with a line end."""
    text = to_crlf(content) if crlf else to_lf(content)
    if text.startswith(eol):
        header, body = b"", text[len(eol) :]
    else:
        header, _, body = text.partition(eol + eol)
        header = header.removesuffix(eol) + eol if header else b""
    return header, body + eol if body and not body.endswith(b"\n") else body


def commit_all(box: MboxBox, batch: Sequence[Pending]) -> Found:
    """Append several saves as one; if that fails, each on its own, so that one bad mail doesn't
    fail the others."""
    try:
        saved, found = _commit(box, [one for entry in batch for one in entry.drafts])
    except (CulverError, OSError) as error:
        if len(batch) == 1:
            doing = f"save to {box.file}"
            batch[0].error = storage_error(error, doing) if isinstance(error, OSError) else error
            return Found()
        found = Found()
        for entry in batch:
            found = merge(found, commit_all(box, [entry]))
        return found
    at = 0
    for entry in batch:
        entry.saved = saved[at : at + len(entry.drafts)]
        at += len(entry.drafts)
    return found


def _commit(box: MboxBox, drafts: Sequence[Draft]) -> tuple[list[Saved], Found]:
    with box.opened(write=True) as fd:
        found = look(box, fd)
        try:
            entries = _append(box, fd, drafts)
        except BaseException:
            if found:
                box.untold.append(found)
            raise
    uids = [entry.uid for entry in entries]
    saved = [Saved(box.uid_validity, entry.uid, entry.guid) for entry in entries]
    return saved, merge(found, Found(appeared=box.rows(uids)))


def _append(box: MboxBox, fd: int, drafts: Sequence[Draft]) -> list[Entry]:
    box.add_keywords({name for one in drafts for name in one.mail.keywords})
    if not box.entries:
        write_stale(box, fd)  # the pseudo message, so that no sender's X-IMAPbase comes first
    first_uid = box.uid_next
    box.uid_next += len(drafts)
    # The UIDs are used up before the mails are there: after a crash none is given twice.
    box.entries[0].stale = True
    write_stale(box, fd)
    before = os.fstat(fd)
    try:
        entries = _write(box, fd, drafts, first_uid, before.st_size)
        if box.sync:
            os.fdatasync(fd)
    except BaseException:
        os.ftruncate(fd, before.st_size)
        finish(box, fd, before)
        raise
    box.set_entries([*box.entries, *entries])
    box.recent.update(entry.uid for entry in entries)
    box.highest_told = entries[-1].uid if entries else box.highest_told
    finish(box, fd, before)
    return entries


def _write(box: MboxBox, fd: int, drafts: Sequence[Draft], uid: int, size: int) -> list[Entry]:
    at = os.lseek(fd, size, os.SEEK_SET)
    if os.pread(fd, 1, size - 1) != b"\n":
        write_all(fd, b"\n")
        at += 1
    entries: list[Entry] = []
    for number, one in enumerate(drafts):
        entry = _entry(box, one, uid + number)
        head = _head(box, one, entry, at)
        # One write for a usual mail: half of one is what a kill in between leaves.
        write_all(fd, head + one.body + one.eol)
        at = entry.end + len(one.eol)
        entries.append(entry)
    return entries


def _entry(box: MboxBox, one: Draft, uid: int) -> Entry:
    size = virtual_size(one.header) + 2 + virtual_size(one.body)
    return Entry(
        *(0, 0, 0, 0, 0),
        uid=uid,
        flags=one.mail.flags,
        keywords=box.mask(one.mail.keywords),
        recent=True,
        received=one.received,
        guid=guid_of(one.header, box.settings.md5),
        size=size,
    )


def _head(box: MboxBox, one: Draft, entry: Entry, at: int) -> bytes:
    """All up to the body; fills in where the mail lies."""
    line = make_from(one.mail.sender, one.received).removesuffix(b"\n") + one.eol
    said = Metadata(uid=entry.uid, flags=entry.flags, keywords=box.names(entry.keywords))
    header = write_metadata(one.header, said, body_size=len(one.body), eol=one.eol)
    entry.start, entry.header = at, at + len(line)
    entry.ends = entry.header + len(header)
    entry.body = entry.ends + len(one.eol)
    entry.end = entry.body + len(one.body)
    head = line + header + one.eol
    entry.check = zlib.crc32(head)
    return head
