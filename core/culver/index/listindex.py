"""dovecot.list.index: the tree of a user's mailboxes, with the numbers that STATUS asks for."""

import struct
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
import numpy as np

from culver.index.engine import MailboxIndex
from culver.index.errors import BadRecord
from culver.index.mailflags import ANSWERED, DELETED, DRAFT
from culver.index.specs import ExtensionSpec
from culver.index.state import IndexState
from culver.index.transaction import Transaction

FILE_NAME: Final = "dovecot.list.index"
NONEXISTENT: Final = DELETED
NOSELECT: Final = DRAFT
NOINFERIORS: Final = ANSWERED

LIST: Final = ExtensionSpec("list", 1, 28, 4)
MSGS: Final = ExtensionSpec("msgs", 0, 16, 4)
HMODSEQ: Final = ExtensionSpec("hmodseq", 0, 8, 8)
LIST_VSIZE: Final = ExtensionSpec("vsize", 0, 16, 8)

_NODE = struct.Struct("<II16sI")
_MSGS = struct.Struct("<IIII")
_ID = struct.Struct("<I")


class MailboxNode(msgspec.Struct, frozen=True):
    """A name in the tree.

    Attributes:
        uid: of the name, not of the mailbox: it stays when the mailbox is made anew.
        path: the names from the root down to this one.
        flags: NONEXISTENT, NOSELECT, NOINFERIORS.
        guid: of the mailbox, zeros while unknown.
        uid_validity: of the mailbox, 0 while unknown.
    """

    uid: int
    path: tuple[str, ...]
    flags: int = 0
    guid: bytes = bytes(16)
    uid_validity: int = 0


class MailboxStatus(msgspec.Struct, frozen=True):
    """Numbers of a mailbox as of its last synchronization."""

    messages: int
    unseen: int
    recent: int
    uidnext: int
    highest_modseq: int = 0


def names_of(state: IndexState) -> dict[int, str]:
    """Return the names by their ids.

    Raises:
        BadRecord: the extension's header is broken.
    """
    found = state.find_extension(LIST.name)
    data = bytes(found.data) if found else b""
    names: dict[int, str] = {}
    at, last = LIST.header_size, 0
    while at + _ID.size <= len(data):
        number = int(_ID.unpack_from(data, at)[0])
        end = data.find(b"\0", at + _ID.size)
        if number == 0:
            break
        if number <= last or end < 0:
            raise BadRecord("list index name id", number, f"above {last}, its name ended by NUL")
        names[number] = data[at + _ID.size : end].decode("utf-8", "surrogateescape")
        at, last = end + 1, number
    return names


def encode_names(names: Mapping[int, str]) -> bytes:
    """Return the extension's header for names, its refresh flag not set."""
    parts = [
        _ID.pack(number) + name.encode("utf-8", "surrogateescape") + b"\0"
        for number, name in sorted(names.items())
    ]
    return b"\0" + b"".join(parts) + bytes(_ID.size)


def nodes_of(state: IndexState) -> dict[int, MailboxNode]:
    """Return the tree by UIDs.

    Raises:
        BadRecord: a name or parent is missing, or parents go round in circles.
    """
    names = names_of(state)
    found = state.find_extension(LIST.name)
    if found is None or found.record_size != LIST.record_size:
        return {}
    raw = np.ascontiguousarray(found.rows.values).tobytes()
    rows = dict(zip(state.uids.tolist(), _NODE.iter_unpack(raw), strict=True))
    flags = dict(zip(state.uids.tolist(), state.flags.tolist(), strict=True))
    return {
        uid: MailboxNode(uid, _path(uid, rows, names), flags[uid], guid, validity)
        for uid, (_, _, guid, validity) in rows.items()
    }


def _path(
    uid: int, rows: Mapping[int, tuple[int, int, bytes, int]], names: Mapping[int, str]
) -> tuple[str, ...]:
    path: list[str] = []
    while uid:
        if uid not in rows or len(path) > len(rows) or rows[uid][0] not in names:
            raise BadRecord("list index record", uid, "a known name and parent")
        number, uid = rows[uid][:2]
        path.insert(0, names[number])
    return tuple(path)


def statuses_of(state: IndexState) -> dict[int, MailboxStatus]:
    """Return the numbers of the mailboxes that have some, by UIDs of the tree."""
    found = state.find_extension(MSGS.name)
    if found is None or found.record_size != MSGS.record_size:
        return {}
    raw = np.ascontiguousarray(found.rows.values).tobytes()
    modseqs = state.numbers(HMODSEQ.name, "<u8").tolist()
    rows = zip(state.uids.tolist(), _MSGS.iter_unpack(raw), modseqs, strict=True)
    return {
        uid: MailboxStatus(messages, unseen, recent, uidnext, modseq)
        for uid, (messages, unseen, recent, uidnext), modseq in rows
        if uidnext
    }


def set_status(transaction: Transaction, uid: int, status: MailboxStatus) -> None:
    """Write the numbers of a mailbox."""
    numbers = (status.messages, status.unseen, status.recent, status.uidnext)
    transaction.set_rows(MSGS, [uid], _row(_MSGS.pack(*numbers)))
    transaction.set_rows(HMODSEQ, [uid], [status.highest_modseq])


def mark_stale(transaction: Transaction) -> None:
    """Tell every reader to look at the folders again: the tree changed."""
    transaction.set_extension_header(LIST, b"\1")


def add_mailboxes(
    index: MailboxIndex, transaction: Transaction, nodes: Iterable[MailboxNode]
) -> dict[tuple[str, ...], int]:
    """Add mailboxes, and the parents they lack as NONEXISTENT; known ones get the new values.

    Only under the index's lock, kept until the transaction's commit.

    Args:
        index: the list index.
        transaction: of the same index.
        nodes: their `uid` is not looked at.

    Returns:
        The UID of every path that is in the tree.
    """
    state = index.state
    names = names_of(state)
    ids = {name: number for number, name in names.items()}
    known = {node.path: node.uid for node in nodes_of(state).values()}
    free = state.header.next_uid
    for node in nodes:
        for depth in range(1, len(node.path) + 1):
            path = node.path[:depth]
            last = depth == len(node.path)
            if path in known and not last:
                continue
            number = ids.setdefault(path[-1], max(names, default=0) + 1)
            names.setdefault(number, path[-1])
            flags = node.flags if last else NONEXISTENT
            if path not in known:
                known[path], free = free, free + 1
                transaction.append(flags, uids=[known[path]])
            else:
                transaction.update_flags([known[path]], flags, 0xFF)
            guid, validity = (node.guid, node.uid_validity) if last else (bytes(16), 0)
            row = _NODE.pack(number, known.get(path[:-1], 0), guid, validity)
            transaction.set_rows(LIST, [known[path]], _row(row))
    transaction.set_extension_header(LIST, encode_names(names))
    return known


def _row(packed: bytes) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.frombuffer(packed, np.uint8).reshape(1, -1)
