"""What the records of a transaction log say."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final

from culver.adm.dump.text import data, stamp
from culver.index import logrecord as t
from culver.index.boxrecords import AttributeUpdate
from culver.index.errors import BadRecord
from culver.index.extrecords import ExtIntro, ExtReset
from culver.index.packing import align

_NAMES: Final = {
    t.EXPUNGE | t.EXPUNGE_PROT: "expunge",
    t.EXPUNGE_GUID | t.EXPUNGE_PROT: "expunge-guid",
    t.APPEND: "append",
    t.FLAG_UPDATE: "flag-update",
    t.HEADER_UPDATE: "header-update",
    t.EXT_INTRO: "ext-intro",
    t.EXT_RESET: "ext-reset",
    t.EXT_HDR_UPDATE: "ext-hdr",
    t.EXT_HDR_UPDATE32: "ext-hdr32",
    t.EXT_REC_UPDATE: "ext-rec",
    t.KEYWORD_UPDATE: "keyword-update",
    t.KEYWORD_RESET: "keyword-reset",
    t.EXT_ATOMIC_INC: "ext-atomic-inc",
    t.MODSEQ_UPDATE: "modseq-update",
    t.INDEX_DELETED: "index-deleted",
    t.INDEX_UNDELETED: "index-undeleted",
    t.BOUNDARY: "boundary",
    t.ATTRIBUTE_UPDATE: "attribute-update",
}

_HEADER_FIELDS: Final = {
    1: ("minor_version", 1),
    2: ("base_header_size", 2),
    4: ("header_size", 4),
    8: ("record_size", 4),
    12: ("compat_flags", 1),
    16: ("indexid", 4),
    20: ("flags", 4),
    24: ("uid_validity", 4),
    28: ("next_uid", 4),
    32: ("messages_count", 4),
    36: ("unused_old_recent_messages_count", 4),
    40: ("seen_messages_count", 4),
    44: ("deleted_messages_count", 4),
    48: ("first_recent_uid", 4),
    52: ("first_unseen_uid_lowwater", 4),
    56: ("first_deleted_uid_lowwater", 4),
    60: ("log_file_seq", 4),
    64: ("log_file_tail_offset", 4),
    68: ("log_file_head_offset", 4),
    84: ("day_stamp", 4),
}
"""Offset in the base header: name and size in bytes."""


def type_name(kind: int) -> str:
    """The name of a record's type, with its flags."""
    name = _NAMES.get(kind & t.TYPE_MASK, f"unknown: {kind:x}")
    name += " (ext)" if kind & t.EXTERNAL else ""
    return name + (" (sync)" if kind & t.SYNC else "")


class RecordPrinter:
    """Prints payloads; knows the extension that was introduced last."""

    def __init__(self) -> None:
        self._record_size = 0

    def lines(self, kind: int, payload: bytes) -> Iterator[str]:
        """The lines below a record's own."""
        type_ = kind & t.TYPE_MASK
        if type_ == t.EXT_INTRO:
            yield from self._intro(payload)
        elif type_ == t.EXT_REC_UPDATE:
            yield from self._rows(payload)
        elif type_ in _PRINTERS:
            yield from _PRINTERS[type_](payload)

    def _intro(self, payload: bytes) -> Iterator[str]:
        # doveadm prints the first of them, and writers never put two into one record.
        intro = ExtIntro.decode(payload).intros[0]
        self._record_size = intro.record_size
        yield f" - ext_id = {intro.ext_id}"
        yield f" - reset_id = {intro.reset_id}"
        yield f" - hdr_size = {intro.header_size}"
        yield f" - record_size = {intro.record_size}"
        yield f" - record_align = {intro.record_align}"
        yield f" - flags = {intro.flags}"
        yield f" - name_size = {len(intro.name)}"
        if intro.name:
            yield f" - name = '{intro.name}'"

    def _rows(self, payload: bytes) -> Iterator[str]:
        size = self._record_size
        for at in range(0, len(payload), align(4 + size, 4)):
            uid = int.from_bytes(payload[at : at + 4], "little")
            row = payload[at + 4 : at + 4 + size]
            text = data(row) if len(row) == size else "(record_size too large)"
            yield f" - uid={uid}: {text}"


def _each(form: str, payload: bytes) -> Iterator[tuple[int, ...]]:
    whole = len(payload) - len(payload) % struct.calcsize(form)
    return struct.iter_unpack(form, payload[:whole])


def _expunge(payload: bytes) -> Iterator[str]:
    yield " - uids=" + "".join(f"{a}-{b}," for a, b in _each("<II", payload))


def _expunge_guid(payload: bytes) -> Iterator[str]:
    for uid, guid in struct.iter_unpack("<I16s", payload):
        yield f" - uid={uid} (guid {guid.hex()})"


def _append(payload: bytes) -> Iterator[str]:
    rows = _each("<IB3x", payload)
    yield " - uids=" + "".join(
        f"{uid}{f' (flags={flags:x})' if flags else ''}," for uid, flags in rows
    )


def _flags(payload: bytes) -> Iterator[str]:
    for first, last, add, remove, raise_modseq in _each("<IIBBBx", payload):
        yield (
            f" - uids={first}-{last} (flags +{add:x}-{remove:x}, modseq_inc_flag={raise_modseq})"
        )


def _header(payload: bytes) -> Iterator[str]:
    offset, size = struct.unpack_from("<HH", payload)
    if 4 + size > len(payload):
        yield f" - offset = {offset}, size = {size} (too large)"
        return
    at = 4
    while size > 0:
        name, width = _HEADER_FIELDS.get(offset, ("", 0))
        if not name or width > size:
            yield f" - offset = {offset}, size = {size}: {data(payload[at : at + size])}"
            return
        yield f" - {name} = {int.from_bytes(payload[at : at + width], 'little')}"
        at, offset, size = at + width, offset + width, size - width


def _reset(payload: bytes) -> Iterator[str]:
    reset = ExtReset.decode(payload)
    yield f" - new_reset_id = {reset.reset_id}"
    yield f" - preserve_data = {int(reset.preserve_data)}"


def _patch(form: struct.Struct) -> Callable[[bytes], Iterator[str]]:
    def lines(payload: bytes) -> Iterator[str]:
        offset, size = form.unpack_from(payload)
        start = form.size
        fits = start + size <= len(payload)
        text = f": {data(payload[start : start + size])}" if fits else " (too large)"
        yield f" - offset = {offset}, size = {size}{text}"

    return lines


def _increments(payload: bytes) -> Iterator[str]:
    for uid, diff in _each("<Ii", payload):
        yield f" - uid={uid}: {'+' if diff > 0 else ''}{diff}"


def _keyword(payload: bytes) -> Iterator[str]:
    modify, size = struct.unpack_from("<BxH", payload)
    name = payload[4 : 4 + size].decode("utf-8", "replace")
    ranges = _each("<II", payload[align(4 + size, 4) :])
    yield f" - modify={modify}, name={name}, uids=" + "".join(f"{a}-{b}," for a, b in ranges)


def _keyword_reset(payload: bytes) -> Iterator[str]:
    yield " - uids=" + "".join(f"{a}-{b}, " for a, b in _each("<II", payload))


def _modseqs(payload: bytes) -> Iterator[str]:
    for uid, low, high in _each("<III", payload):
        yield f" - uid={uid} modseq={high << 32 | low}"


def _boundary(payload: bytes) -> Iterator[str]:
    yield f" - size={int.from_bytes(payload[:4], 'little')}"


def _attributes(payload: bytes) -> Iterator[str]:
    try:
        update = AttributeUpdate.decode(payload)
    except BadRecord:
        yield " - broken entry"
        return
    for each in update.attributes:
        what = "remove" if each.value_size is None else "add"
        where = "private" if each.private else "shared"
        size = "" if each.value_size is None else f" value_len={each.value_size}"
        yield f" - {what}: {where}/{each.name} : timestamp={stamp(each.stamp)}{size}"


_PRINTERS: Final[dict[int, Callable[[bytes], Iterator[str]]]] = {
    t.EXPUNGE | t.EXPUNGE_PROT: _expunge,
    t.EXPUNGE_GUID | t.EXPUNGE_PROT: _expunge_guid,
    t.APPEND: _append,
    t.FLAG_UPDATE: _flags,
    t.HEADER_UPDATE: _header,
    t.EXT_RESET: _reset,
    t.EXT_HDR_UPDATE: _patch(struct.Struct("<HH")),
    t.EXT_HDR_UPDATE32: _patch(struct.Struct("<II")),
    t.EXT_ATOMIC_INC: _increments,
    t.KEYWORD_UPDATE: _keyword,
    t.KEYWORD_RESET: _keyword_reset,
    t.MODSEQ_UPDATE: _modseqs,
    t.BOUNDARY: _boundary,
    t.ATTRIBUTE_UPDATE: _attributes,
}
