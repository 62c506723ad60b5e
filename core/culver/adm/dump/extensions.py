"""What is known of the bytes in extensions of an index."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final

from culver.adm.dump.text import number, stamp

_Field = tuple[str, str]
"""Label as it is printed, and how: ``u`` number, ``x`` hex number, ``t`` time, ``n`` number and
time, ``g`` GUID."""

_HEADERS: Final[dict[str, tuple[str, tuple[_Field, ...]]]] = {
    "hdr-vsize": ("<QII", (("vsize ....... ", "u"), ("highest uid . ", "u"),
                           ("message count ", "u"))),
    "maildir": ("<9I", (
        ("new_check_time .... ", "t"), ("new_mtime ......... ", "t"),
        ("new_mtime_nsecs ... ", "u"), ("cur_check_time .... ", "t"),
        ("cur_mtime ......... ", "t"), ("cur_mtime_nsecs.... ", "u"),
        ("uidlist_mtime ..... ", "t"), ("uidlist_mtime_nsecs ", "u"),
        ("uidlist_size ...... ", "u"))),
    "mbox": ("<QIB3x16s", (("sync_size .. ", "u"), ("sync_mtime . ", "t"),
                           ("dirty_flag . ", "u"), ("mailbox_guid ", "g"))),
    "mdbox-hdr": ("<I16sB", (("map_uid_validity .. ", "u"), ("mailbox_guid ...... ", "g"),
                             ("flags ............. ", "x"))),
    "dbox-hdr": ("<I16sB", (("rebuild_count . ", "u"), ("mailbox_guid .. ", "g"),
                            ("flags ......... ", "x"))),
    "modseq": ("<QII", (("highest_modseq ", "u"), ("log_seq ...... ", "u"),
                        ("log_offset ... ", "u"))),
    "fts": ("<II", (("last_indexed_uid ..... ", "u"), ("settings_checksum .... ", "u"))),
    "hdr-pop3-uidl": ("<I", (("max_uid_with_pop3_uidl ", "u"),)),
}  # fmt: skip

_ORDER: Final = {"hdr-vsize": (1, 2, 0), "mbox": (1, 0, 2, 3)}
"""Where the printed order is not the file's."""

_RECORDS: Final[dict[str, tuple[str, tuple[_Field, ...]]]] = {
    "virtual": ("<II", (("mailbox_id ", "u"), ("real_uid   ", "u"))),
    "map": ("<III", (("file_id ", "u"), ("offset  ", "u"), ("size    ", "u"))),
    "mdbox": ("<II", (("map_uid   ", "u"), ("save_date ", "n"))),
    "list": ("<II16sI", (("name_id      ", "u"), ("parent_uid   ", "u"),
                         ("guid         ", "g"), ("uid_validity ", "u"))),
    "msgs": ("<IIII", (("messages ", "u"), ("unseen   ", "u"), ("recent   ", "u"),
                       ("uidnext  ", "u"))),
    "vsize": ("<QII", (("vsize         ", "u"), ("highest_uid   ", "u"),
                       ("message_count ", "u"))),
}  # fmt: skip


def header_lines(name: str, raw: bytes) -> Iterator[str]:
    """The header of an extension; hex where it is not known."""
    known = _HEADERS.get(name)
    if known is None:
        yield f"header ........ = {raw.hex()}"
        yield from _NAME_LISTS[name](raw) if name in _NAME_LISTS else ()
        return
    form, fields = known
    # An extension written by another version may be shorter: zeros stand for the rest.
    values = struct.unpack_from(form, raw + bytes(struct.calcsize(form)))
    yield "header"
    for i in _ORDER.get(name, range(len(fields))):
        label, kind = fields[i]
        yield f" - {label}= {_shown(kind, values[i])}"


def record_lines(name: str, raw: bytes) -> Iterator[str]:
    """What a message's bytes of an extension say, beyond the number or hex already printed."""
    form, fields = _RECORDS.get(name, ("", ()))
    if not fields or len(raw) < struct.calcsize(form):
        return
    for (label, kind), value in zip(fields, struct.unpack_from(form, raw), strict=True):
        yield f"                   : {label}= {_shown(kind, value)}"


def _shown(kind: str, value: int | bytes) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return _FORMATS[kind](value)


_FORMATS: Final[dict[str, Callable[[int], str]]] = {
    "u": str,
    "t": stamp,
    "n": number,
    "x": hex,
}


def _list_names(raw: bytes) -> Iterator[str]:
    """dovecot.list.index: u8 flag (padded by the first id's place), then id and name pairs."""
    yield f" - refresh_flag = {raw[0]}"
    at = 1
    while at < len(raw):
        end = raw.find(b"\0", at + 4)
        ident = int.from_bytes(raw[at : at + 4], "little")
        if at + 4 > len(raw) or (ident and end < 0):
            yield " - corrupted"
            return
        if ident == 0:
            return
        yield f" - {ident} : {raw[at + 4 : end].decode('utf-8', 'replace')}"
        at = end + 1


def _box_name(raw: bytes) -> Iterator[str]:
    text = raw.replace(b"\0", b"\n").decode("utf-8", "replace")
    yield " " + "\n ".join(text.split("\n"))


_NAME_LISTS: Final = {"list": _list_names, "box-name": _box_name}
