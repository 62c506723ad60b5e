"""Messages in the order of sort criteria (RFC 5256 3, RFC 5957): a rank per message and criterion,
then one sort of all columns at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from culver.plugin import (
    Batch,
    UidSet,
    Wanted,
    closing,
    mime_address,
    mime_casemap,
    mime_headers,
    mime_subject,
)
from culver_plugins.imap.selected import Selected
from culver_plugins.imap.wire.sort import SortKey

Numbers = NDArray[np.int64]

# What each criterion reads, beside the columns.
_CACHED = {
    "CC": "hdr.cc",
    "DATE": "date.sent",
    "DISPLAYFROM": "hdr.from",
    "DISPLAYTO": "hdr.to",
    "FROM": "hdr.from",
    "SUBJECT": "hdr.subject",
    "TO": "hdr.to",
}


async def in_order(
    selected: Selected, uids: UidSet, order: Sequence[SortKey]
) -> NDArray[np.uint32]:
    """The UIDs in order; equal messages by sequence number, also when all is reversed."""
    names = {key.name for key in order}
    wanted = Wanted(
        received=bool(names & {"ARRIVAL", "DATE"}),
        sizes="SIZE" in names,
        cached=tuple(dict.fromkeys(_CACHED[name] for name in sorted(names & _CACHED.keys()))),
    )
    async with closing(selected.mailbox.fetch(selected.view, uids, wanted)) as found:
        batches = [batch async for batch in found]
    if not batches:
        return np.empty(0, np.uint32)
    listed = np.concatenate([batch.uids for batch in batches])
    # lexsort takes the last key for the first one.
    columns = [_ranks(batches, key) for key in reversed(order)]
    return listed[np.lexsort(columns)]


def _ranks(batches: Sequence[Batch], key: SortKey) -> Numbers:
    ranks = _COLUMNS[key.name](batches)
    return -ranks if key.reverse else ranks


def _arrival(batches: Sequence[Batch]) -> Numbers:
    return np.concatenate([batch.received for batch in batches if batch.received is not None])


def _size(batches: Sequence[Batch]) -> Numbers:
    return np.concatenate([batch.sizes for batch in batches if batch.sizes is not None])


def sent_dates(batches: Sequence[Batch]) -> Numbers:
    """Seconds of the Date fields, UTC; INTERNALDATE where there is none (RFC 5256 2.2)."""
    texts = [text for batch in batches for text in batch.cached["date.sent"]]
    received = _arrival(batches)
    sent = np.fromiter((int(text.split()[0]) if text else 0 for text in texts), np.int64)
    return np.where(sent == 0, received, sent)


def _texts(field: str, of: Callable[[bytes], str]) -> Callable[[Sequence[Batch]], Numbers]:
    def column(batches: Sequence[Batch]) -> Numbers:
        texts = [of(first_value(raw)) for batch in batches for raw in batch.cached[field]]
        ranks = {text: rank for rank, text in enumerate(sorted(set(texts)))}
        return np.fromiter((ranks[text] for text in texts), np.int64, len(texts))

    return column


def first_value(raw: bytes) -> bytes:
    """The value of the first field of a header that has no other fields; empty without one."""
    for field in mime_headers.fields(raw, 0, len(raw)):
        return field.value
    return b""


def _subject(value: bytes) -> str:
    return mime_subject.base_subject(value)[0]


def _mailbox(value: bytes) -> str:
    """The addr-mailbox of the first address (RFC 5256 3)."""
    for address in mime_address.parse_addresses(value):
        return _key(address.mailbox or b"")
    return ""


def _display(value: bytes) -> str:
    """What a client shows for the first address (RFC 5957 3): the name, or the address."""
    for address in mime_address.parse_addresses(value):
        name = mime_headers.decode_rfc2047(address.name or b"")
        if name:
            return mime_casemap.casemap(name)
        return _key(b"@".join(part for part in (address.mailbox, address.domain) if part))
    return ""


def _key(text: bytes) -> str:
    return mime_casemap.casemap(text.decode("utf-8", "replace"))


_COLUMNS: dict[str, Callable[[Sequence[Batch]], Numbers]] = {
    "ARRIVAL": _arrival,
    "CC": _texts("hdr.cc", _mailbox),
    "DATE": sent_dates,
    "DISPLAYFROM": _texts("hdr.from", _display),
    "DISPLAYTO": _texts("hdr.to", _display),
    "FROM": _texts("hdr.from", _mailbox),
    "SIZE": _size,
    "SUBJECT": _texts("hdr.subject", _subject),
    "TO": _texts("hdr.to", _mailbox),
}
