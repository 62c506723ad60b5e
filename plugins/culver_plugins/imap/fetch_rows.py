"""FETCH lines of a batch, joined from columns of ready bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.plugin import Batch, Buffer, mime_date, mime_preview, mime_sections
from culver_plugins.imap.fetch_plan import CACHED, Body, Plan
from culver_plugins.imap.updates import flag_texts, learn_keywords
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.quoting import astring, mailbox, string

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
    session: Session, selected: Selected, plan: Plan, batch: Batch, item: str | Body
) -> list[bytes] | list[Cell]:
    if isinstance(item, Body):
        return _bodies(session, batch, item)
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
        case "X-GUID":
            return [b"X-GUID " + astring(guid.encode()) for guid in batch.guids]
        case "PREVIEW":
            return [b"PREVIEW " + text for text in _previews(batch)]
        case "SNIPPET":
            return [b"SNIPPET (FUZZY %b)" % text for text in _previews(batch)]
        case "X-MAILBOX":
            return [b"X-MAILBOX " + mailbox(selected.mailbox.name)] * len(batch.uids)
        case _:
            return [b"X-REAL-UID %d" % uid for uid in batch.uids.tolist()]


def _previews(batch: Batch) -> list[bytes]:
    pairs = zip(batch.bodies, batch.parts, strict=True)
    return [string(mime_preview(body, root).encode()) for body, root in pairs]


def _flags(session: Session, selected: Selected, batch: Batch) -> list[bytes]:
    learn_keywords(session, selected, batch)
    return [b"FLAGS (%b)" % text for text in flag_texts(selected, batch)]


def _modseqs(batch: Batch) -> list[bytes]:
    assert batch.modseqs is not None
    return [b"MODSEQ (%d)" % modseq for modseq in batch.modseqs.tolist()]


def _dates(label: bytes, column: NDArray[np.int64] | None) -> list[bytes]:
    assert column is not None, "the plan wanted it"
    values: list[int] = column.tolist()
    return [b'%b "%b"' % (label, mime_date.format_imap_date_time(each)) for each in values]


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


def _count(session: Session, item: Body, batch: Batch) -> None:
    counters = session.counters
    if item.section.want.value.startswith(b"HEADER"):
        counters.fetch_hdr_count += len(batch.bodies)
    else:
        counters.fetch_body_count += len(batch.bodies)
