"""Extension headers: what follows the base header of dovecot.index, 64-bit aligned."""

import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from culver.index.errors import BadRecord
from culver.index.header import BaseHeader
from culver.index.packing import align

MAX_NAME: Final = 64
MAX_HEADER: Final = 1024 * 1024 * 16 - 1
"""mail-index-private.h, MAIL_INDEX_EXT_HEADER_MAX_SIZE: more is a broken size field."""
MAX_RECORD: Final = 32767
MAX_ALIGN: Final = 8

_LAYOUT = struct.Struct("<IIHHHH")


class ExtensionHeader(msgspec.Struct):
    """An extension as the file describes it; sizes and offsets in bytes.

    Attributes:
        name: printable ASCII, unique in the file.
        reset_id: raised whenever all records of the extension become invalid.
        record_offset: where its bytes start in each record (0: it has none).
        record_size: its bytes in each record.
        record_align: alignment of record_offset.
        data: the extension's own header.
    """

    name: str
    reset_id: int = 0
    record_offset: int = 0
    record_size: int = 0
    record_align: int = 0
    data: bytes = b""

    def encode(self) -> bytes:
        """Return header, name and data, each padded to 64 bits."""
        name = self.name.encode("ascii")
        fixed = _LAYOUT.pack(
            len(self.data),
            self.reset_id,
            self.record_offset,
            self.record_size,
            self.record_align,
            len(name),
        )
        start = fixed + name
        return start + bytes(-len(start) % 8) + self.data + bytes(-len(self.data) % 8)


def check_extension(name: str, data_size: int, record_size: int, record_align: int) -> None:
    """Check what an extension claims, before anything is allocated for it.

    Raises:
        BadRecord: a value is out of range.
    """
    if not 0 < len(name) <= MAX_NAME or not (name.isascii() and name.isprintable()):
        raise BadRecord("extension name", repr(name), f"1 to {MAX_NAME} printable ASCII")
    if record_size == 0 and data_size == 0:
        raise BadRecord(f"extension {name}", "no header and no record", "one of them")
    if data_size > MAX_HEADER:
        raise BadRecord(f"extension {name} header size", data_size, f"at most {MAX_HEADER}")
    if record_size and not 0 < record_align <= MAX_ALIGN:
        raise BadRecord(f"extension {name} record_align", record_align, "1 to 8")
    if record_size > MAX_RECORD:
        raise BadRecord(f"extension {name} record_size", record_size, f"at most {MAX_RECORD}")


def _check_place(found: ExtensionHeader, record_size: int) -> None:
    if found.record_size == 0:
        return
    end = found.record_offset + found.record_size
    if end > record_size or found.record_offset < 5:
        raise BadRecord(f"extension {found.name} record end", end, f"5 to {record_size}")
    if found.record_offset % found.record_align or record_size % found.record_align:
        allowed = f"multiples of {found.record_align}"
        raise BadRecord(f"extension {found.name} place", found.record_offset, allowed)


def _name(data: bytes, start: int, size: int) -> str:
    return data[start : start + size].decode("ascii", "replace")


def decode_extensions(data: bytes, header: BaseHeader) -> Iterator[ExtensionHeader]:
    """Yield the extensions between the base header and header_size.

    Raises:
        BadRecord: one does not fit, is named twice, or claims an impossible place.
    """
    offset = align(header.base_header_size, 8)
    seen: set[str] = set()
    while offset < header.header_size:
        if offset + _LAYOUT.size >= header.header_size:
            raise BadRecord("extension header offset", offset, f"below {header.header_size}")
        size, reset_id, place, record_size, record_align, name_size = _LAYOUT.unpack_from(
            data, offset
        )
        start = offset + align(_LAYOUT.size + name_size, 8)
        end = start + align(size, 8)
        if end > header.header_size:
            raise BadRecord("extension header end", end, f"at most {header.header_size}")
        name = _name(data, offset + _LAYOUT.size, name_size)
        check_extension(name, size, record_size, record_align)
        if name in seen:
            raise BadRecord("extension name", name, "once in the header")
        seen.add(name)
        found = ExtensionHeader(
            name, reset_id, place, record_size, record_align, data[start : start + size]
        )
        _check_place(found, header.record_size)
        yield found
        offset = end


def layout(sizes: list[tuple[int, int]]) -> tuple[list[int], int]:
    """Place extensions in a record: largest alignment first, gaps filled by what fits.

    Args:
        sizes: (record_size, record_align) of each extension, size 0 for none.

    Returns:
        The offset of each extension (0 for none) and the size of a record.
    """
    offsets = [0] * len(sizes)
    waiting = sorted((i for i, s in enumerate(sizes) if s[0]), key=lambda i: -sizes[i][1])
    widest = max([4, *(sizes[i][1] for i in waiting)])
    offset = 5
    while waiting:
        fits = next((i for i in waiting if offset % sizes[i][1] == 0), None)
        if fits is None:
            offset += 1
            continue
        offsets[fits] = offset
        offset += sizes[fits][0]
        waiting.remove(fits)
    return offsets, align(offset, widest)
