"""Read mails in batches of bounded memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from culver.mail.storage import Bodies
from culver_plugins.mbox.box import MboxBox
from culver_plugins.mbox.fileview import FileView
from culver_plugins.mbox.link import mail_of
from culver_plugins.mbox.look import look

_BATCH: Final = 1 << 20


def batches(box: MboxBox, uids: Sequence[int]) -> Iterator[list[int]]:
    """UIDs of about 1 MiB of mail each, as sizes are known now."""
    batch: list[int] = []
    size = 0
    for uid in uids:
        entry = box.by_uid.get(uid)
        length = entry.end - entry.start if entry is not None else 0
        if batch and size + length > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(uid)
        size += length
    if batch:
        yield batch


def read_batch(box: MboxBox, uids: Sequence[int]) -> Bodies:
    """The mails without metadata, under the read lock; they are where a look has seen them."""
    found: list[int] = []
    bodies: list[bytes] = []
    with box.opened(write=False) as fd:
        if not box.is_known():
            box.untold.append(look(box, fd))
        view = FileView.of(fd, os.fstat(fd).st_size)
        for uid in uids:
            entry = box.by_uid.get(uid)
            if entry is not None:
                bodies.append(mail_of(view, entry))
                found.append(uid)
    there = set(found)
    gone = tuple(uid for uid in uids if uid not in there)
    return Bodies(tuple(found), tuple(bodies), gone)
