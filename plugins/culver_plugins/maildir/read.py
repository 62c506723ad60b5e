"""Read mails in batches of bounded memory."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Sequence
from typing import Final

from culver.mail.newmail import Buffer
from culver.mail.storage import Bodies
from culver.mail.storagecontext import StorageContext
from culver_plugins.maildir.box import MaildirBox
from culver_plugins.maildir.filename import sizes_of

_BATCH: Final = 512 << 10
"""Bytes of mail in one batch, unless a single mail is larger."""
_GUESS: Final = 16 << 10
"""Size of a mail whose name doesn't tell it."""
INLINE: Final = 128 << 10
"""Bytes that are read without a thread: the hop costs more than the page cache does."""
_MAPPED: Final = 1 << 20
"""From this size on mails are mapped, so that a part of them can be fetched without the rest."""


def batches(box: MaildirBox, uids: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """(expected bytes, UIDs) of each batch."""
    batch: list[int] = []
    total = 0
    for uid in uids:
        name = box.files.get(uid)
        size = sizes_of(name)[0] if name else 0
        size = _GUESS if size < 0 else size
        if batch and total + size > _BATCH:
            yield total, batch
            batch, total = [], 0
        batch.append(uid)
        total += size
    if batch:
        yield total, batch


def read_batch(box: MaildirBox, uids: Sequence[int], context: StorageContext) -> Bodies:
    """The mails that could be read; the others are in ``vanished``: perhaps only renamed."""
    found: list[int] = []
    bodies: list[Buffer] = []
    vanished: list[int] = []
    for uid in uids:
        body = _read(box.file(uid), context)
        if body is None:
            vanished.append(uid)
        else:
            found.append(uid)
            bodies.append(body)
    return Bodies(tuple(found), tuple(bodies), tuple(vanished))


def _read(path: str | None, context: StorageContext) -> Buffer | None:
    if path is None:
        return None
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return context.decode(_read_fd(fd))
    finally:
        os.close(fd)


def _read_fd(fd: int) -> Buffer:
    data = os.read(fd, _MAPPED)
    if len(data) < _MAPPED:
        return data
    return mmap.mmap(fd, 0, access=mmap.ACCESS_READ)
