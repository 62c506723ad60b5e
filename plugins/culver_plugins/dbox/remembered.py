"""What an index last had, for its rebuild (R4-047, R4-048)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.index.engine import MailboxIndex
from culver.index.errors import IndexCorrupted
from culver.index.loading import read_index
from culver.index.specs import ExtensionSpec
from culver.index.state import IndexState
from culver.mail.flags import STORED_FLAGS
from culver_plugins.dbox.boxheader import BoxHeader, header_of


class Remembered(msgspec.Struct, frozen=True):
    """What a mail had."""

    flags: int = 0
    keywords: tuple[str, ...] = ()
    rows: tuple[NDArray[np.uint8], ...] = ()
    """A row of bytes of each extension that was asked for."""


class Past(msgspec.Struct, frozen=True):
    """What is known of a mailbox."""

    uid_validity: int
    next_uid: int
    modseq: int
    header: BoxHeader
    mails: dict[int, Remembered]


def remembered(
    files: MailboxIndex, header: ExtensionSpec, extensions: Sequence[ExtensionSpec] = ()
) -> Past:
    """What the index says, and where it is empty what ``dovecot.index.backup`` says.

    UIDVALIDITY is the backup's too when the mails are: then their UIDs are what clients know.

    Args:
        files: an open index.
        header: the extension that names the mailbox.
        extensions: whose rows are remembered.
    """
    state, backup = files.state, _backup(files)
    source = backup if backup is not None and not state.messages and backup.messages else state
    named = header_of(state, header) or header_of(source, header)
    return Past(
        source.header.uid_validity or state.header.uid_validity,
        max(source.header.next_uid, state.header.next_uid),
        max(source.modseq, state.modseq),
        named,
        dict(_mails(source, extensions)),
    )


def _mails(
    state: IndexState, extensions: Sequence[ExtensionSpec]
) -> Iterable[tuple[int, Remembered]]:
    columns = [state.find_extension(spec.name) for spec in extensions]
    flags = state.flags.tolist()
    for place, uid in enumerate(state.uids.tolist()):
        keywords = tuple(state.keyword_names(place)) if len(state.keywords) else ()
        rows = tuple(
            np.zeros((1, spec.record_size), np.uint8)
            if column is None or column.record_size != spec.record_size
            else np.array(column.rows.values[place : place + 1])
            for column, spec in zip(columns, extensions, strict=True)
        )
        yield uid, Remembered(flags[place] & STORED_FLAGS, keywords, rows)


def _backup(files: MailboxIndex) -> IndexState | None:
    try:
        return read_index(f"{files.path}.backup")
    except (IndexCorrupted, OSError):
        return None


def start_anew(
    files: MailboxIndex,
    past: Past,
    uids: Sequence[int],
    header: tuple[ExtensionSpec, BoxHeader],
    extensions: Sequence[ExtensionSpec] = (),
) -> None:
    """Make the index anew with mails, each with what is known of it.

    Args:
        files: the index; its lock is not held.
        past: what is known.
        uids: ascending.
        header: what names the mailbox from now on.
        extensions: as they were remembered.
    """
    # UIDs below the next one can't be appended, so the next one is told at the end.
    files.recreate(past.uid_validity, 1, past.modseq + 1)
    begin = files.begin()
    begin.set_extension_header(header[0], header[1].encode())
    begin.enable_modseqs()
    for uid in uids:
        had = past.mails.get(uid) or Remembered()
        rows = dict(zip(extensions, had.rows, strict=False))
        begin.append(had.flags, uids=[uid], keywords=had.keywords, rows=rows)
    begin.commit()
    if files.state.header.next_uid < past.next_uid:
        begin = files.begin()
        begin.set_header("next_uid", past.next_uid)
        begin.commit()
