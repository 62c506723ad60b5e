"""dovecot.index: read whole into a state, written whole from one."""

import contextlib
import os
from typing import Final

import numpy as np

from culver.index import keywords as kw
from culver.index import modseq
from culver.index.apply import enable_modseqs
from culver.index.column import Array, Column
from culver.index.errors import BadRecord
from culver.index.extension import Extension
from culver.index.extheader import ExtensionHeader, decode_extensions, layout
from culver.index.header import BaseHeader, check_compatible, check_values, upgrade
from culver.index.keywords import Keywords
from culver.index.mailflags import DELETED, DIRTY, HEADER_HAVE_DIRTY, RECENT, SEEN
from culver.index.settings import IndexSettings
from culver.index.state import IndexState

_COUNT_LIMIT: Final = 1 << 28


def decode_index(data: bytes) -> IndexState:
    """Return the state that a whole dovecot.index holds.

    The file is read and not mapped: a mapped file that somebody truncates kills the process,
    and with it every session of a worker; reading 100 000 messages costs half a millisecond.

    Raises:
        BadRecord: the file cannot be trusted.
    """
    header = BaseHeader.decode(data)
    check_compatible(header, len(data))
    check_values(header)
    records = _records(header, data)
    old = header.minor_version
    upgrade(header)
    uids = np.ascontiguousarray(records[:, :4]).view("<u4")[:, 0]
    _check_uids(uids, header)
    flags = records[:, 4].copy()
    if old < 2:
        flags &= ~RECENT & 0xFF
    state = IndexState(header, uids, flags)
    for found in decode_extensions(data, header):
        state.add_extension(_extension(found, records))
    _finish(state)
    return state


def _records(header: BaseHeader, data: bytes) -> Array:
    size, count = header.record_size, header.messages_count
    room = (len(data) - header.header_size) // size
    if count > min(room, _COUNT_LIMIT):
        raise BadRecord("messages_count", count, f"at most {room} for the file's size")
    raw = np.frombuffer(data, np.uint8, count * size, header.header_size)
    return raw.reshape(count, size)


def _check_uids(uids: Array, header: BaseHeader) -> None:
    if len(uids) == 0:
        return
    if uids[0] == 0 or not (uids[1:] > uids[:-1]).all():
        raise BadRecord("record UIDs", "not ascending", "ascending, from 1")
    if uids[-1] >= header.next_uid:
        raise BadRecord("last UID", int(uids[-1]), f"below next_uid {header.next_uid}")


def _extension(found: ExtensionHeader, records: Array) -> Extension:
    place = found.record_offset
    rows = Column(records[:, place : place + found.record_size])
    return Extension(found.name, found.reset_id, found.record_align, found.data, rows)


def _finish(state: IndexState) -> None:
    keywords = state.find_extension(kw.EXTENSION)
    if keywords is not None:
        state.keywords = Keywords.decode(bytes(keywords.data))
        state.keywords_extension()
    modseqs = state.find_extension(modseq.EXTENSION)
    if modseqs is not None and len(modseqs.data) == modseq.HEADER.size:
        state.modseqs_stored = True
        state.modseq = modseq.HEADER.unpack(modseqs.data)[0]
        enable_modseqs(state)


def encode_index(state: IndexState) -> bytes:
    """Return the whole dovecot.index for a state whose header has its log positions.

    Everything in the log up to log_file_head_offset must have been done to the mailbox: the
    tail offset is written equal to it.
    """
    sizes = [(e.record_size, max(1, e.record_align)) for e in state.extensions]
    places, record_size = layout(sizes)
    _update_headers(state)
    extensions = b"".join(
        ExtensionHeader(
            e.name, e.reset_id, place, e.record_size, e.record_align, bytes(e.data)
        ).encode()
        for e, place in zip(state.extensions, places, strict=True)
    )
    header = _count(state)
    start = header.encode()
    gap = bytes(-len(start) % 8) if extensions else b""
    header.header_size = len(start) + len(gap) + len(extensions)
    header.record_size = record_size
    return header.encode() + gap + extensions + _rows(state, places, record_size).tobytes()


def _rows(state: IndexState, places: list[int], record_size: int) -> Array:
    rows = np.zeros((state.messages, record_size), np.uint8)
    rows[:, :4] = np.ascontiguousarray(state.uids, "<u4").view(np.uint8).reshape(-1, 4)
    rows[:, 4] = state.flags
    for e, place in zip(state.extensions, places, strict=True):
        rows[:, place : place + e.record_size] = e.rows.values
    return rows


def _update_headers(state: IndexState) -> None:
    keywords = state.find_extension(kw.EXTENSION)
    if keywords is not None:
        keywords.data = bytearray(state.keywords.encode(len(keywords.data)))
    modseqs = state.find_extension(modseq.EXTENSION)
    if modseqs is not None and state.modseqs_stored:
        h = state.header
        place = (h.log_file_seq, h.log_file_head_offset)
        modseqs.data = bytearray(modseq.HEADER.pack(state.modseq, *place))


def _count(state: IndexState) -> BaseHeader:
    header = BaseHeader.decode(state.header.encode())
    header.log_file_tail_offset = header.log_file_head_offset
    header.messages_count = state.messages
    header.seen_messages_count = state.seen
    header.deleted_messages_count = state.deleted
    header.first_unseen_uid_lowwater = state.first_uid(SEEN, False)
    header.first_deleted_uid_lowwater = state.first_uid(DELETED, True)
    header.flags &= ~HEADER_HAVE_DIRTY
    if state.first_uid(DIRTY, True) != header.next_uid:
        header.flags |= HEADER_HAVE_DIRTY
    return header


def write_index(path: str, state: IndexState, settings: IndexSettings) -> None:
    """Replace dovecot.index at path by one for state. The caller holds the log's lock.

    Raises:
        OSError: it could not; the old file is still there.
    """
    temporary = f"{path}.tmp"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, settings.mode)
    with open(fd, "wb") as out:
        if settings.gid != -1:
            os.fchown(fd, -1, settings.gid)
        out.write(encode_index(state))
        out.flush()
        if settings.fsync != "never":
            os.fdatasync(fd)
    if settings.keep_backup:
        _back_up(path)
    os.rename(temporary, path)


def _back_up(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"{path}.backup.tmp")
    with contextlib.suppress(FileNotFoundError):
        os.link(path, f"{path}.backup.tmp")
        os.rename(f"{path}.backup.tmp", f"{path}.backup")
