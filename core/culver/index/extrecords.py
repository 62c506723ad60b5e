"""Log records about extensions. All but the introduction mean the extension introduced last."""

import struct
from typing import ClassVar, Final

import msgspec
import numpy as np

from culver.index import logrecord
from culver.index.column import Array
from culver.index.errors import BadRecord
from culver.index.logrecord import LogRecord, decode_array
from culver.index.packing import align, padded

NEW: Final = 0xFFFFFFFF
"""The ext_id of an introduction by name."""
NO_SHRINK: Final = 1

INCREMENT = np.dtype([("uid", "<u4"), ("diff", "<i4")])

_INTRO = struct.Struct("<IIIHHHH")
_PATCH16 = struct.Struct("<HH")
_PATCH32 = struct.Struct("<II")

Patch = tuple[int, bytes]
"""Bytes to write and the offset in the header they go to."""


class Introduction(msgspec.Struct, frozen=True):
    """Which extension the next records mean, and the sizes it shall have (bytes).

    Attributes:
        ext_id: its place in the index, or NEW when it goes by name.
        reset_id: records of another reset_id are old and ignored.
        flags: NO_SHRINK keeps sizes that are larger.
    """

    ext_id: int
    reset_id: int
    header_size: int
    record_size: int
    record_align: int
    flags: int
    name: str


class ExtIntro(LogRecord):
    """Introductions; more than one in a record is allowed, the last one counts."""

    TYPE: ClassVar[int] = logrecord.EXT_INTRO
    intros: tuple[Introduction, ...]

    @classmethod
    def decode(cls, payload: bytes) -> "ExtIntro":
        intros: list[Introduction] = []
        offset = 0
        while offset + _INTRO.size <= len(payload):
            ext_id, reset_id, header_size, *sizes, size = _INTRO.unpack_from(payload, offset)
            offset += _INTRO.size
            if offset + size > len(payload):
                raise BadRecord("ext intro name_size", size, f"at most {len(payload) - offset}")
            name = payload[offset : offset + size].decode("ascii", "replace")
            record_size, record_align, flags = sizes
            intros.append(
                Introduction(ext_id, reset_id, header_size, record_size, record_align, flags, name)
            )
            offset = align(offset + size, 4)
        if not intros:
            raise BadRecord("ext intro size", len(payload), f"at least {_INTRO.size}")
        return cls(intros=tuple(intros))

    def encode(self) -> bytes:
        out = bytearray()
        for i in self.intros:
            name = i.name.encode("ascii")
            sizes = (i.header_size, i.record_size, i.record_align, i.flags, len(name))
            out += padded(_INTRO.pack(i.ext_id, i.reset_id, *sizes) + name)
        return bytes(out)


class ExtReset(LogRecord):
    """The extension gets a new reset_id; its data is zeroed unless preserve_data."""

    TYPE: ClassVar[int] = logrecord.EXT_RESET
    reset_id: int
    preserve_data: bool = False

    @classmethod
    def decode(cls, payload: bytes) -> "ExtReset":
        if len(payload) < 4:
            raise BadRecord("ext reset size", len(payload), "at least 4")
        reset_id, preserve = struct.unpack_from("<IB", payload + bytes(4))
        return cls(reset_id=reset_id, preserve_data=preserve != 0)

    def encode(self) -> bytes:
        return struct.pack("<IB3x", self.reset_id, self.preserve_data)


def _decode_patches(payload: bytes, form: struct.Struct, what: str) -> tuple[Patch, ...]:
    patches: list[Patch] = []
    offset = 0
    while offset + form.size <= len(payload):
        place, size = form.unpack_from(payload, offset)
        offset += form.size
        if offset + size > len(payload):
            raise BadRecord(f"{what} size", size, f"at most {len(payload) - offset}")
        patches.append((place, payload[offset : offset + size]))
        offset = align(offset + size, 4)
    return tuple(patches)


def _encode_patches(patches: tuple[Patch, ...], form: struct.Struct) -> bytes:
    return b"".join(padded(form.pack(place, len(data)) + data) for place, data in patches)


class HeaderUpdate(LogRecord):
    """Bytes to write into the base header."""

    TYPE: ClassVar[int] = logrecord.HEADER_UPDATE
    patches: tuple[Patch, ...]

    @classmethod
    def decode(cls, payload: bytes) -> "HeaderUpdate":
        return cls(patches=_decode_patches(payload, _PATCH16, "header update"))

    def encode(self) -> bytes:
        return _encode_patches(self.patches, _PATCH16)


class ExtHdrUpdate(LogRecord):
    """Bytes to write into the extension's header, at 16-bit offsets."""

    TYPE: ClassVar[int] = logrecord.EXT_HDR_UPDATE
    patches: tuple[Patch, ...]

    @classmethod
    def decode(cls, payload: bytes) -> "ExtHdrUpdate":
        return cls(patches=_decode_patches(payload, _PATCH16, "ext header update"))

    def encode(self) -> bytes:
        return _encode_patches(self.patches, _PATCH16)


class ExtHdrUpdate32(LogRecord):
    """Bytes to write into the extension's header, when that is 64 KiB or more."""

    TYPE: ClassVar[int] = logrecord.EXT_HDR_UPDATE32
    patches: tuple[Patch, ...]

    @classmethod
    def decode(cls, payload: bytes) -> "ExtHdrUpdate32":
        return cls(patches=_decode_patches(payload, _PATCH32, "ext header update"))

    def encode(self) -> bytes:
        return _encode_patches(self.patches, _PATCH32)


class ExtRecUpdate(LogRecord):
    """The extension's bytes of messages. The width of a row stands in the introduction."""

    TYPE: ClassVar[int] = logrecord.EXT_REC_UPDATE
    payload: bytes

    @classmethod
    def decode(cls, payload: bytes) -> "ExtRecUpdate":
        return cls(payload=payload)

    def encode(self) -> bytes:
        return self.payload

    @classmethod
    def of(cls, uids: Array, rows: Array) -> "ExtRecUpdate":
        """Return the record that sets rows (a 2-D array of bytes) of messages."""
        width = align(4 + rows.shape[1], 4)
        raw = np.zeros((len(uids), width), np.uint8)
        raw[:, :4] = np.ascontiguousarray(uids, "<u4").view(np.uint8).reshape(-1, 4)
        raw[:, 4 : 4 + rows.shape[1]] = rows
        return cls(payload=raw.tobytes())

    def rows(self, record_size: int) -> tuple[Array, Array]:
        """Return the UIDs and their rows of record_size bytes.

        Raises:
            BadRecord: the payload does not hold whole rows.
        """
        width = align(4 + record_size, 4)
        if len(self.payload) % width:
            raise BadRecord("ext record update size", len(self.payload), f"a multiple of {width}")
        raw = np.frombuffer(self.payload, np.uint8).reshape(-1, width)
        return raw[:, :4].copy().view("<u4")[:, 0], raw[:, 4 : 4 + record_size]


class ExtAtomicInc(LogRecord):
    """An array of INCREMENT: numbers to add to the extension's records."""

    TYPE: ClassVar[int] = logrecord.EXT_ATOMIC_INC
    increments: Array

    @classmethod
    def decode(cls, payload: bytes) -> "ExtAtomicInc":
        return cls(increments=decode_array(payload, INCREMENT, "ext atomic inc"))

    def encode(self) -> bytes:
        return self.increments.tobytes()
