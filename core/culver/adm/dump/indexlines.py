"""The lines of an index, its extensions, and its messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from culver.adm.dump.cachelines import CacheLines
from culver.adm.dump.extensions import header_lines, record_lines
from culver.adm.dump.text import number
from culver.index import keywords as kw
from culver.index import modseq
from culver.index.extheader import ExtensionHeader, layout

if TYPE_CHECKING:
    from culver.index.engine import MailboxIndex
    from culver.index.extension import Extension
    from culver.index.state import IndexState

_FLAGS: Final = ((0x08, "Seen"), (0x01, "Answered"), (0x02, "Flagged"), (0x04, "Deleted"),
                 (0x10, "Draft"))  # fmt: skip
_NUMBERS: Final = (2, 4, 8)


def index_lines(index: MailboxIndex, uid: int) -> Iterator[str]:
    """All of an open index, or one message; ``uid`` 0: all."""
    state = index.state
    cache = CacheLines(index)
    try:
        if not uid:
            yield f"-- INDEX: {index.path}"
            yield from _header(state)
            yield from _extensions(state)
            yield "-- Keywords --"
            yield from (f"{i:3} = {name}" for i, name in enumerate(state.keywords.names))
            yield ""
            yield f"-- CACHE: {index.path}.cache"
            yield from cache.header()
            yield ""
            yield f"-- RECORDS: {state.messages}"
        for place, each in enumerate(state.uids.tolist()):
            if uid in (0, each):
                yield from _record(state, place, each)
                yield from cache.record(each)
                yield ""
    finally:
        cache.close()


def _header(state: IndexState) -> Iterator[str]:
    h = state.header
    sizes = _Sizes(state)
    yield f"version .................. = {h.major_version}.{h.minor_version}"
    yield f"base header size ......... = {h.base_header_size}"
    yield f"header size .............. = {sizes.header}"
    yield f"record size .............. = {sizes.record}"
    yield f"compat flags ............. = {h.compat_flags}"
    yield f"index id ................. = {number(h.indexid)}"
    yield f"flags .................... = {h.flags}"
    yield f"uid validity ............. = {number(h.uid_validity)}"
    yield f"next uid ................. = {h.next_uid}"
    yield f"messages count ........... = {state.messages}"
    yield f"seen messages count ...... = {state.seen}"
    yield f"deleted messages count ... = {state.deleted}"
    yield f"first recent uid ......... = {h.first_recent_uid}"
    yield f"first unseen uid lowwater  = {h.first_unseen_uid_lowwater}"
    yield f"first deleted uid lowwater = {h.first_deleted_uid_lowwater}"
    yield f"log file seq ............. = {h.log_file_seq}"
    yield f"log file tail offset ..... = {h.log_file_tail_offset}"
    yield f"log file head offset ..... = {h.log_file_head_offset}"
    yield f"log2 rotate time ......... = {number(h.log2_rotate_time)}"
    yield f"last temp file scan ...... = {number(h.last_temp_file_scan)}"
    yield f"day stamp ................ = {number(h.day_stamp)}"
    for i, first in enumerate(h.day_first_uid):
        yield f"day first uid[{i}] ......... = {first}"


def _extensions(state: IndexState) -> Iterator[str]:
    if not state.extensions:
        yield "no extensions"
    places = _Sizes(state).places
    for i, extension in enumerate(state.extensions):
        data = _data(state, extension)
        yield f"-- Extension {i} --"
        yield f"name ........ = {extension.name}"
        yield f"hdr_size .... = {len(data)}"
        yield f"reset_id .... = {extension.reset_id}"
        yield f"record_offset = {places[i]}"
        yield f"record_size . = {extension.record_size}"
        yield f"record_align  = {extension.record_align}"
        if data and extension.name != kw.EXTENSION:
            yield from header_lines(extension.name, data)


class _Sizes:
    """Bytes of header and record, and places of extensions, in a dovecot.index written now."""

    def __init__(self, state: IndexState) -> None:
        wanted = [(e.record_size, max(1, e.record_align)) for e in state.extensions]
        self.places, self.record = layout(wanted)
        headers = (ExtensionHeader(e.name, data=_data(state, e)).encode() for e in state.extensions)
        self.header = state.header.base_header_size + sum(map(len, headers))


def _data(state: IndexState, extension: Extension) -> bytes:
    """The extension's header as it would be written now."""
    if extension.name == kw.EXTENSION:
        return state.keywords.encode(len(extension.data))
    if extension.name == modseq.EXTENSION and extension.data and state.modseqs_stored:
        h = state.header
        return modseq.HEADER.pack(state.modseq, h.log_file_seq, h.log_file_head_offset)
    return bytes(extension.data)


def _record(state: IndexState, place: int, uid: int) -> Iterator[str]:
    bits = int(state.flags[place])
    names = " ".join(name for bit, name in _FLAGS if bits & bit)
    shown = f"({names})" if names else ""
    yield f"RECORD: seq={place + 1}, uid={uid}, flags=0x{bits:02x} {shown}"
    for i, name in enumerate(_registered(state)):
        extension = state.find_extension(name)
        if extension is not None and extension.record_size:
            yield from _extension_record(i, extension, place)


def _registered(state: IndexState) -> list[str]:
    """Names in the order in which Dovecot registers extensions: these two before it reads any."""
    names = (extension.name for extension in state.extensions)
    return list(dict.fromkeys((kw.EXTENSION, modseq.EXTENSION, *names)))


def _extension_record(i: int, extension: Extension, place: int) -> Iterator[str]:
    raw = extension.rows.values[place].tobytes()
    is_number = len(raw) in _NUMBERS and len(raw) == extension.record_align
    text = f"{int.from_bytes(raw, 'little'):10}" if is_number else " " * 10
    yield f" - ext {i} {extension.name:<10}: {text} ({raw.hex()})"
    yield from record_lines(extension.name, raw)
