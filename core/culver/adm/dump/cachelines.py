"""The lines of dovecot.index.cache."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from culver.adm.dump.text import number, stamp
from culver.index import cachefields as cf
from culver.index.cachefile import CacheFile
from culver.index.cacherecords import decode_record
from culver.index.errors import BadRecord, IndexCorrupted
from culver.index.packing import unpack_size

if TYPE_CHECKING:
    from culver.index.cachefields import CacheField
    from culver.index.engine import MailboxIndex
    from culver.mime.part import Part

_TYPES: Final = {cf.FIXED: "fix", cf.VARIABLE: "var", cf.STRING: "str", cf.BITMASK: "bit",
                 cf.HEADER: "hdr"}  # fmt: skip
_DECISIONS: Final = {cf.NO: "no", cf.TEMP: "tmp", cf.YES: "yes"}
_TITLES: Final = " #  Name                                         Type Size Dec  Last used"


class CacheLines:
    """The cache beside an open index; it may be missing."""

    def __init__(self, index: MailboxIndex) -> None:
        self._index = index
        self._file = CacheFile(index)
        try:
            self._usable = self._file.refresh()
        except (IndexCorrupted, OSError):
            self._usable = False
        self._data = b""
        if self._usable:
            with open(self._file.path, "rb") as file:
                self._data = file.read()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def header(self) -> Iterator[str]:
        """Header and fields."""
        h = self._file.header
        if not self._usable or h is None:
            yield "cache is unusable"
            return
        offset, raw = unpack_size(h.field_header_offset), h.field_header_offset
        purges = h.file_seq - h.indexid
        yield f"major version ........ = {h.major_version}"
        yield f"minor version ........ = {h.minor_version}"
        yield f"indexid .............. = {number(h.indexid)}"
        yield f"file_seq ............. = {number(h.file_seq)} ({purges} purges)"
        yield f"continued_record_count = {h.continued_record_count}"
        yield f"record_count ......... = {h.record_count}"
        yield f"used_file_size (old) . = {h.used_file_size}"
        yield f"deleted_record_count . = {h.deleted_record_count}"
        word = int.from_bytes(raw, "little")
        yield f"field_header_offset .. = {offset} (0x{word:08x} nontranslated)"
        yield "-- Cache fields --"
        yield _TITLES
        for i, field in enumerate(self._file.fields):
            yield _field(i, field)

    def record(self, uid: int) -> Iterator[str]:
        """What is cached of a message, the newest record first."""
        if not self._usable:
            return
        state = self._index.state
        places, _ = state.rows_of([uid])
        offset = int(state.numbers("cache", "<u4")[places[0]])
        seen: set[int] = set()
        while offset and offset not in seen:
            seen.add(offset)
            try:
                previous, values = decode_record(self._data, offset, self._file.fields)
            except BadRecord:
                yield " - broken cache"
                return
            size = int.from_bytes(self._data[offset + 4 : offset + 8], "little")
            yield f" - cache offset={offset} size={size}, prev_offset = {previous}"
            for place, value in values:
                field = self._file.fields[place]
                yield f"    - {field.name}: {_value(field, value)}"
            offset = previous


def _field(i: int, field: CacheField) -> str:
    fixed = field.type in (cf.FIXED, cf.BITMASK) or field.size != cf.ANY_SIZE
    size = f"{field.size:4}" if fixed else "   -"
    decision = _DECISIONS.get(field.decision, hex(field.decision))
    type_ = _TYPES.get(field.type, hex(field.type))
    return f"{i:2}: {field.name:<44} {type_:<4} {size} {decision:<4} {stamp(field.last_used)[:16]}"


def _value(field: CacheField, value: bytes) -> str:
    if field.type == cf.STRING:
        return _text(value)
    if field.type == cf.HEADER:
        return _header(value)
    shown = ""
    if field.type == cf.FIXED and len(value) in (4, 8):
        shown = f"{int.from_bytes(value, 'little')}{' ' if len(value) == 4 else ''}"
    shown += f"({value.hex()})"
    if field.name == "mime.parts":
        return f"{shown} {_parts(value)}"
    if field.name == "body.snippet" and value:
        shown += f" (version={value[0]}: {_text(value[1:])})"
    return shown


def _text(value: bytes) -> str:
    return value.removesuffix(b"\0").decode("utf-8", "surrogateescape")


def _header(value: bytes) -> str:
    """Line numbers up to a zero, then the fields."""
    lines: list[int] = []
    at = 0
    while at < len(value):
        if at + 4 > len(value):
            return f"{_join(lines)}\n - BROKEN: header field doesn't end with 0 line"
        (line,) = struct.unpack_from("<I", value, at)
        at += 4
        if line == 0:
            break
        lines.append(line)
    text = value[at:]
    if len(lines) == 1:
        text = text.removesuffix(b"\n")
    shown = text.decode("utf-8", "surrogateescape")
    return _join(lines) + (f": {shown}" if text else "")


def _join(lines: list[int]) -> str:
    return ", ".join(map(str, lines))


def _parts(value: bytes) -> str:
    from culver.mime.serialize import load_parts

    try:
        return _part(load_parts(value))
    except ValueError as error:
        return f"error: {error}"


def _part(part: Part) -> str:
    inner = "".join(map(_part, part.children))
    return (
        f"(pos={part.header_start} hdr.p={part.header_size} hdr.v={part.header_virtual}"
        f" body.p={part.body_size} body.v={part.body_virtual} flags={part.flags:x}"
        f"{f' {inner}' if inner else ''})"
    )
