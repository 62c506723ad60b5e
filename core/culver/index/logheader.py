"""The 40 bytes at the start of dovecot.index.log (version 1.3)."""

import struct
from typing import Final

import msgspec

from culver.index.errors import BadRecord
from culver.index.header import LITTLE_ENDIAN

MAJOR_VERSION: Final = 1
MINOR_VERSION: Final = 3
MIN_SIZE: Final = 24
SIZE: Final = 40
_LAYOUT = struct.Struct("<BBHIIIIIQB3xI")


class LogHeader(msgspec.Struct):
    """Dovecot's struct mail_transaction_log_header.

    Attributes:
        indexid: the index it belongs to; 0 marks the log as corrupted.
        file_seq: raised by every rotation; (file_seq, offset) is a position for ever.
        prev_file_seq: the log before this one, 0 when this one starts the index anew.
        prev_file_offset: that log's size.
        create_stamp: unix seconds.
        initial_modseq: the highest modseq at its start.
    """

    major_version: int = MAJOR_VERSION
    minor_version: int = MINOR_VERSION
    hdr_size: int = SIZE
    indexid: int = 0
    file_seq: int = 1
    prev_file_seq: int = 0
    prev_file_offset: int = 0
    create_stamp: int = 0
    initial_modseq: int = 1
    compat_flags: int = LITTLE_ENDIAN
    unused: int = 0

    @property
    def version(self) -> int:
        """Major and minor version in one number."""
        return self.major_version << 8 | self.minor_version

    def encode(self) -> bytes:
        """Return the header's bytes."""
        return _LAYOUT.pack(*(getattr(self, name) for name in self.__struct_fields__))

    @classmethod
    def decode(cls, data: bytes) -> "LogHeader":
        """Return the checked header at the start of data.

        Raises:
            BadRecord: it is too short, of another kind, or marked as corrupted.
        """
        if len(data) < MIN_SIZE:
            raise BadRecord("log header size", len(data), f"at least {MIN_SIZE}")
        size = int.from_bytes(data[2:4], "little")
        if data[0] != MAJOR_VERSION:
            raise BadRecord("log major version", data[0], str(MAJOR_VERSION))
        if size < MIN_SIZE or size % 4 or size > len(data):
            raise BadRecord("log hdr_size", size, f"{MIN_SIZE} to {len(data)}, a multiple of 4")
        header = cls(*_LAYOUT.unpack((data[:size] + bytes(SIZE))[:SIZE]))
        if header.version >= 0x102 and header.compat_flags != LITTLE_ENDIAN:
            raise BadRecord("log compat_flags", header.compat_flags, "1, little endian")
        if header.indexid == 0:
            raise BadRecord("log indexid", 0, "not zero, which marks it as corrupted")
        return header
