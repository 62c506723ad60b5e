"""The three algorithms of THREAD over a mailbox's messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from culver.plugin import Batch, UidSet, Wanted, closing, mime_subject
from culver_plugins.imap.conversation import Node, Row, link, message_ids, references
from culver_plugins.imap.conversation_subjects import by_references, by_refs
from culver_plugins.imap.selected import Selected
from culver_plugins.imap.sorting import first_value, sent_dates

_SUBJECT = "hdr.subject"
_IDS = ("hdr.message-id", "hdr.references", "hdr.in-reply-to")


async def threads(selected: Selected, uids: UidSet, algorithm: str) -> list[Node]:
    """The threads in the order of the answer."""
    cached = ["date.sent"]
    if algorithm != "REFS":
        cached.append(_SUBJECT)
    if algorithm != "ORDEREDSUBJECT":
        cached += _IDS
    wanted = Wanted(received=True, cached=tuple(cached))
    rows: list[Row] = []
    async with closing(selected.mailbox.fetch(selected.view, uids, wanted)) as batches:
        async for batch in batches:
            rows += _rows(batch)
    if algorithm == "ORDEREDSUBJECT":
        return by_subject(rows)
    roots = link(rows)
    return by_references(roots) if algorithm == "REFERENCES" else by_refs(roots)


def _rows(batch: Batch) -> Iterable[Row]:
    nothing: list[bytes] = [b""] * len(batch.uids)
    columns = [batch.cached.get(name, nothing) for name in (*_IDS, _SUBJECT)]
    dates = sent_dates([batch]).tolist()
    for uid, date, own, refs, reply, subject in zip(
        batch.uids.tolist(), dates, *columns, strict=True
    ):
        base, is_reply = mime_subject.base_subject(first_value(subject)) if subject else ("", False)
        yield Row(
            uid=uid,
            date=date,
            message_id=next(iter(message_ids(first_value(own))), None) if own else None,
            references=references(first_value(refs), first_value(reply)),
            subject=base,
            is_reply=is_reply,
        )


def by_subject(rows: Sequence[Row]) -> list[Node]:
    """ORDEREDSUBJECT: all of a subject below its first message, threads by their first date."""
    found: list[Node] = []
    ordered = sorted(rows, key=lambda row: (row.subject, row.date, row.uid))
    for _, group in groupby(ordered, key=lambda row: row.subject):
        first, *others = [Node(row, date=row.date, uid=row.uid) for row in group]
        first.children = others
        found.append(first)
    return sorted(found, key=lambda node: node.order)
