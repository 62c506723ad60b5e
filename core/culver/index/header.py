"""The 120 bytes at the start of dovecot.index (version 7.3)."""

import struct
from typing import Final

import msgspec

from culver.index.errors import BadRecord
from culver.index.mailflags import HEADER_CORRUPTED

MAJOR_VERSION: Final = 7
MINOR_VERSION: Final = 3
BASE_SIZE: Final = 120
BASE_RECORD_SIZE: Final = 8
"""uid u32, flags u8 and three bytes that extensions may use."""
LITTLE_ENDIAN: Final = 1
TAIL_FIELD: Final = 64
"""Offset of log_file_tail_offset: a log record updates it there."""
FIELDS: Final = {
    "flags": 20,
    "uid_validity": 24,
    "next_uid": 28,
    "first_recent_uid": 48,
    "log2_rotate_time": 76,
    "last_temp_file_scan": 80,
    "day_stamp": 84,
    "day_first_uid": 88,
}
"""Offsets of the fields that transactions write."""

_LAYOUT = struct.Struct("<BBHIIB3x26I")


class BaseHeader(msgspec.Struct):
    """Dovecot's struct mail_index_header; counts are messages, stamps are unix seconds.

    Attributes are the file's fields in its order. `rest` holds what a newer version put after
    byte 120; it is kept as it is.
    """

    major_version: int = MAJOR_VERSION
    minor_version: int = MINOR_VERSION
    base_header_size: int = BASE_SIZE
    header_size: int = BASE_SIZE
    record_size: int = BASE_RECORD_SIZE
    compat_flags: int = LITTLE_ENDIAN
    indexid: int = 0
    flags: int = 0
    uid_validity: int = 0
    next_uid: int = 1
    messages_count: int = 0
    unused_recent_count: int = 0
    seen_messages_count: int = 0
    deleted_messages_count: int = 0
    first_recent_uid: int = 1
    first_unseen_uid_lowwater: int = 0
    first_deleted_uid_lowwater: int = 0
    log_file_seq: int = 1
    log_file_tail_offset: int = 0
    log_file_head_offset: int = 0
    unused_sync_size: int = 0
    log2_rotate_time: int = 0
    last_temp_file_scan: int = 0
    day_stamp: int = 0
    day_first_uid: tuple[int, ...] = (0,) * 8
    rest: bytes = b""

    @classmethod
    def decode(cls, data: bytes) -> "BaseHeader":
        """Return the header that starts data, unchecked.

        Raises:
            BadRecord: data is shorter than a header.
        """
        if len(data) < BASE_SIZE:
            raise BadRecord("index header size", len(data), f"at least {BASE_SIZE}")
        values = _LAYOUT.unpack_from(data)
        header = cls(*values[:-8])
        header.day_first_uid = values[-8:]
        header.rest = data[BASE_SIZE : header.base_header_size]
        return header

    def encode(self) -> bytes:
        """Return the base_header_size bytes of the header."""
        values = [getattr(self, name) for name in self.__struct_fields__[:-2]]
        return _LAYOUT.pack(*values, *self.day_first_uid) + self.rest

    def patched(self, offset: int, data: bytes) -> "BaseHeader":
        """Return the header with data written at offset, as a HEADER_UPDATE record asks.

        next_uid never shrinks and the log positions stay: the reader of the log owns those.

        Raises:
            BadRecord: the bytes lie outside the header.
        """
        raw = bytearray(self.encode())
        if offset + len(data) > len(raw):
            raise BadRecord("header update end", offset + len(data), f"at most {len(raw)}")
        raw[offset : offset + len(data)] = data
        new = BaseHeader.decode(bytes(raw))
        new.next_uid = max(new.next_uid, self.next_uid)
        new.log_file_tail_offset = self.log_file_tail_offset
        return new


def check_compatible(header: BaseHeader, file_size: int) -> None:
    """Check what decides whether the rest of a file of file_size bytes can be read at all.

    Raises:
        BadRecord: it cannot.
    """
    if header.major_version != MAJOR_VERSION:
        raise BadRecord("index major version", header.major_version, str(MAJOR_VERSION))
    if header.flags & HEADER_CORRUPTED:
        raise BadRecord("index flags", hex(header.flags), "not marked as corrupted")
    if header.compat_flags != LITTLE_ENDIAN:
        raise BadRecord("index compat_flags", header.compat_flags, "1, little endian")
    if header.base_header_size < BASE_SIZE:
        raise BadRecord("base_header_size", header.base_header_size, f"at least {BASE_SIZE}")
    if not header.base_header_size <= header.header_size <= file_size:
        allowed = f"{header.base_header_size} to the file's size {file_size}"
        raise BadRecord("header_size", header.header_size, allowed)
    if header.record_size < BASE_RECORD_SIZE:
        raise BadRecord("record_size", header.record_size, f"at least {BASE_RECORD_SIZE}")
    if header.indexid == 0:
        raise BadRecord("indexid", 0, "not zero")


def check_values(header: BaseHeader) -> None:
    """Check the fields of a header against each other.

    Counts of seen and deleted messages are not checked: they are recounted from the records.

    Raises:
        BadRecord: a field is out of range.
    """
    if header.next_uid == 0:
        raise BadRecord("next_uid", 0, "at least 1")
    if header.uid_validity == 0 and header.next_uid != 1:
        raise BadRecord("uid_validity", 0, "not zero once a UID was given")
    if not 0 < header.first_recent_uid <= header.next_uid:
        allowed = f"1 to next_uid {header.next_uid}"
        raise BadRecord("first_recent_uid", header.first_recent_uid, allowed)


def upgrade(header: BaseHeader) -> None:
    """Bring the fields of an older minor version to 7.3, as later readers expect them."""
    if header.minor_version == 0:
        header.unused_recent_count = 0
        header.first_recent_uid = header.first_recent_uid or 1
    if header.minor_version <= 2:
        header.unused_sync_size = header.log2_rotate_time = header.last_temp_file_scan = 0
    header.minor_version = max(header.minor_version, MINOR_VERSION)
