"""From the type word and payload of a log record to its class."""

from typing import Final

from culver.index import boxrecords, extrecords, msgrecords
from culver.index.errors import BadRecord
from culver.index.logrecord import EXTERNAL, SYNC, TYPE_MASK, LogRecord

_CLASSES: Final[tuple[type[LogRecord], ...]] = (
    msgrecords.Append,
    msgrecords.Expunge,
    msgrecords.ExpungeGuid,
    msgrecords.FlagUpdate,
    msgrecords.KeywordUpdate,
    msgrecords.KeywordReset,
    msgrecords.ModseqUpdate,
    extrecords.HeaderUpdate,
    extrecords.ExtIntro,
    extrecords.ExtReset,
    extrecords.ExtHdrUpdate,
    extrecords.ExtHdrUpdate32,
    extrecords.ExtRecUpdate,
    extrecords.ExtAtomicInc,
    boxrecords.Boundary,
    boxrecords.IndexDeleted,
    boxrecords.IndexUndeleted,
    boxrecords.AttributeUpdate,
)
BY_TYPE: Final = {record.TYPE: record for record in _CLASSES}
"""Expunges stand here with their protection bits: without those they are unknown."""


def decode_record(kind: int, payload: bytes) -> LogRecord:
    """Return the record with this type word and payload.

    Raises:
        BadRecord: the type is unknown or the payload breaks its format.
    """
    found = BY_TYPE.get(kind & TYPE_MASK)
    if found is None:
        raise BadRecord("log record type", hex(kind), "a known type")
    if not payload:
        raise BadRecord("log record payload", "nothing", "at least 4 bytes")
    record = found.decode(payload)
    record.external = bool(kind & EXTERNAL)
    record.sync = bool(kind & SYNC)
    return record
