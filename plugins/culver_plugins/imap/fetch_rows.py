"""FETCH lines of a batch, joined from columns of ready bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.plugin import (
    Batch,
    Buffer,
    mime_binary,
    mime_date,
    mime_part,
    mime_sections,
)
from culver_plugins.imap.fetch_plan import CACHED, PREVIEW, Binary, Body, Item, Plan
from culver_plugins.imap.object_id import email_id
from culver_plugins.imap.updates import flag_texts, learn_keywords
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.fetch import Preview
from culver_plugins.imap.wire.quoting import astring, literal, literal8, mailbox, string

if TYPE_CHECKING:
    from culver_plugins.imap.selected import Selected
    from culver_plugins.imap.session import Session

STREAM_FROM = 1 << 20
"""Bytes from which a body is sent in pieces instead of being joined with its line."""


class Large(msgspec.Struct, frozen=True):
    """A body too large to be joined: what stands before it, and its pieces."""

    head: bytes
    pieces: Iterator[bytes]


Cell = bytes | Large


async def write_rows(session: Session, selected: Selected, plan: Plan, batch: Batch) -> None:
    """Write the lines; large bodies leave in pieces."""
    if not len(batch.uids):
        return
    columns = [_column(session, selected, plan, batch, item) for item in plan.items]
    if batch.flags_changed and plan.add_flags:
        columns.append(_flags(session, selected, batch))
        if session.condstore and "MODSEQ" not in plan.items:
            columns.append(_modseqs(batch))
    numbers = selected.view.seqs_of(batch.uids).tolist()
    rows = list(zip(*columns, strict=True))
    if not any(type(cell) is Large for row in rows for cell in row):
        joined = map(b" ".join, rows)
        session.write(responses.fetch_lines(zip(numbers, joined, strict=True)))
        return
    for number, row in zip(numbers, rows, strict=True):
        await _write_row(session, number, row)


async def _write_row(session: Session, number: int, row: tuple[Cell, ...]) -> None:
    session.write(b"* %d FETCH (" % number)
    for position, cell in enumerate(row):
        if position:
            session.write(b" ")
        if isinstance(cell, bytes):
            session.write(cell)
            continue
        session.write(cell.head)
        for piece in cell.pieces:
            session.write(piece)
            await session.flush_if_full()
    session.write(b")\r\n")


def _column(
    session: Session, selected: Selected, plan: Plan, batch: Batch, item: Item
) -> list[bytes] | list[Cell]:
    if isinstance(item, Body):
        return _bodies(session, batch, item)
    if isinstance(item, Binary):
        return _binaries(session, batch, item)
    if isinstance(item, Preview):
        return _previews(batch, item)
    if item in CACHED:
        return [b"%b (%b)" % (item.encode(), text) for text in batch.cached[CACHED[item]]]
    match item:
        case "UID":
            return [b"UID %d" % uid for uid in batch.uids.tolist()]
        case "FLAGS":
            return _flags(session, selected, batch)
        case "MODSEQ":
            return _modseqs(batch)
        case "INTERNALDATE":
            return _dates(b"INTERNALDATE", batch.received)
        case "SAVEDATE" | "X-SAVEDATE":
            return _dates(item.encode(), batch.saved)
        case "RFC822.SIZE":
            assert batch.sizes is not None
            return [b"RFC822.SIZE %d" % size for size in batch.sizes.tolist()]
        case "EMAILID":
            return [b"EMAILID (%b)" % email_id(guid) for guid in batch.guids]
        case "THREADID":
            return [b"THREADID NIL"] * len(batch.uids)
        case "X-GUID":
            return [b"X-GUID " + astring(guid.encode()) for guid in batch.guids]
        case "X-MAILBOX":
            return [b"X-MAILBOX " + mailbox(selected.mailbox.name)] * len(batch.uids)
        case _:
            return [b"X-REAL-UID %d" % uid for uid in batch.uids.tolist()]


def _flags(session: Session, selected: Selected, batch: Batch) -> list[bytes]:
    learn_keywords(session, selected, batch)
    return [b"FLAGS (%b)" % text for text in flag_texts(selected, batch)]


def _modseqs(batch: Batch) -> list[bytes]:
    assert batch.modseqs is not None
    return [b"MODSEQ (%d)" % modseq for modseq in batch.modseqs.tolist()]


def _dates(label: bytes, column: NDArray[np.int64] | None) -> list[bytes]:
    assert column is not None
    return [b'%b "%b"' % (label, mime_date.format_imap_date_time(at)) for at in column.tolist()]


def _bodies(session: Session, batch: Batch, item: Body) -> list[Cell]:
    cells: list[Cell] = []
    for index, body in enumerate(batch.bodies):
        cells.append(_body(batch, index, body, item))
    _count(session, item, batch)
    return cells


def _body(batch: Batch, index: int, body: Buffer, item: Body) -> Cell:
    offset, size = item.partial or (0, None)
    if item.whole:
        assert batch.sizes is not None
        where = mime_sections.Slice(0, len(body), int(batch.sizes[index]))
    else:
        root = batch.parts[index]
        found = None if item.section.names else mime_sections.locate(root, item.section)
        if found is None:
            text = mime_sections.section_bytes(body, root, item.section, offset, size)
            return b"%b {%d}\r\n%b" % (item.label, len(text), text)
        where = found
    length = mime_sections.slice_size(where, offset, size)
    head = b"%b {%d}\r\n" % (item.label, length)
    pieces = mime_sections.slice_chunks(body, where, offset, size)
    if length >= STREAM_FROM:
        return Large(head, pieces)
    return head + b"".join(pieces)


def _binaries(session: Session, batch: Batch, item: Binary) -> list[bytes]:
    session.counters.fetch_body_count += 0 if item.size_only else len(batch.bodies)
    return [_binary(body, root, item) for body, root in zip(batch.bodies, batch.parts, strict=True)]


def _binary(body: Buffer, root: mime_part.Part, item: Binary) -> bytes:
    part = mime_sections.find_part(root, item.path)
    if part is None:
        # As for a BODY section that isn't there.
        return item.label + (b" 0" if item.size_only else b" {0}\r\n")
    if item.path:
        data, decoded = mime_binary.binary_body(body, part), mime_binary.is_encoded(body, part)
    else:
        data, decoded = mime_binary.binary_message(body, root), False
    if item.size_only:
        return b"%b %d" % (item.label, len(data))
    if item.partial is not None:
        offset, size = item.partial
        data = data[offset : offset + size]
    # Of decoded octets Dovecot doesn't ask whether there is a NUL among them.
    return b"%b %b" % (item.label, literal8(data) if decoded or b"\0" in data else literal(data))


def _previews(batch: Batch, item: Preview) -> list[bytes]:
    label = b"SNIPPET (FUZZY %b)" if item.snippet else b"PREVIEW %b"
    if item.fuzzy and not item.snippet:
        label = b"PREVIEW (FUZZY %b)"
    # The octet in front is the version of what made it.
    return [label % string(text[1:]) for text in batch.cached[PREVIEW]]


def _count(session: Session, item: Body, batch: Batch) -> None:
    counters = session.counters
    if item.section.want.value.startswith(b"HEADER"):
        counters.fetch_hdr_count += len(batch.bodies)
    else:
        counters.fetch_body_count += len(batch.bodies)
