"""The 32 bytes at the start of dovecot.index.cache (version 1.1)."""

import struct
from typing import Final

import msgspec

from culver.index.errors import BadRecord

SIZE: Final = 32
FIELDS_OFFSET: Final = 28
"""Where the packed offset of the first field header stands."""
_LAYOUT = struct.Struct("<BBBx6I4s")


class CacheHeader(msgspec.Struct):
    """Dovecot's struct mail_cache_header.

    Attributes:
        file_seq: equals the reset_id of the index's cache extension, or the file is not the
            one that the index's offsets mean.
        continued_record_count: records that are linked from another record.
        record_count: messages with a record.
        deleted_record_count: expunged messages that had a record.
        field_header_offset: packed offset of the first list of fields, zeros when there is none.
    """

    major_version: int = 1
    compat_sizeof_uoff_t: int = 8
    minor_version: int = 1
    indexid: int = 0
    file_seq: int = 0
    continued_record_count: int = 0
    record_count: int = 0
    used_file_size: int = 0
    deleted_record_count: int = 0
    field_header_offset: bytes = bytes(4)

    def encode(self) -> bytes:
        """Return the header's bytes."""
        return _LAYOUT.pack(*(getattr(self, name) for name in self.__struct_fields__))

    @classmethod
    def decode(cls, data: bytes, indexid: int) -> "CacheHeader":
        """Return the checked header at the start of data.

        Raises:
            BadRecord: it is cut off, of another version, or of another index.
        """
        if len(data) < SIZE:
            raise BadRecord("cache header size", len(data), f"at least {SIZE}")
        header = cls(*_LAYOUT.unpack_from(data))
        if (header.major_version, header.compat_sizeof_uoff_t) != (1, 8):
            found = (header.major_version, header.compat_sizeof_uoff_t)
            raise BadRecord("cache version and offset size", found, "(1, 8)")
        if header.indexid != indexid:
            raise BadRecord("cache indexid", header.indexid, str(indexid))
        if header.file_seq == 0:
            raise BadRecord("cache file_seq", 0, "not zero")
        return header
