"""Log records about the mailbox as a whole: boundaries, deletion, attributes."""

import struct
from typing import ClassVar

import msgspec

from culver.index import logrecord
from culver.index.errors import BadRecord
from culver.index.logrecord import LogRecord
from culver.index.packing import padded


class Boundary(LogRecord):
    """The next `size` bytes, this record included, are one transaction: all or nothing."""

    TYPE: ClassVar[int] = logrecord.BOUNDARY
    size: int

    @classmethod
    def decode(cls, payload: bytes) -> "Boundary":
        if len(payload) < 4:
            raise BadRecord("boundary size", len(payload), "at least 4")
        return cls(size=struct.unpack_from("<I", payload)[0])

    def encode(self) -> bytes:
        return struct.pack("<I", self.size)


class IndexDeleted(LogRecord):
    """The mailbox was deleted (external) or shall be (not external)."""

    TYPE: ClassVar[int] = logrecord.INDEX_DELETED


class IndexUndeleted(LogRecord):
    """The mailbox was not deleted after all."""

    TYPE: ClassVar[int] = logrecord.INDEX_UNDELETED


class Attribute(msgspec.Struct, frozen=True):
    """A mailbox attribute that was set or unset.

    Attributes:
        name: its name, without the /private or /shared prefix.
        private: whether it is the user's own.
        stamp: when, unix seconds.
        value_size: bytes of the value, None when it was unset.
    """

    name: str
    private: bool
    stamp: int
    value_size: int | None


class AttributeUpdate(LogRecord):
    """Attributes that changed; the values are in the attribute dict."""

    TYPE: ClassVar[int] = logrecord.ATTRIBUTE_UPDATE
    attributes: tuple[Attribute, ...]

    @classmethod
    def decode(cls, payload: bytes) -> "AttributeUpdate":
        names, end = _split_names(payload)
        numbers = struct.unpack_from(f"<{(len(payload) - end) // 4}I", payload, end)
        found: list[Attribute] = []
        used = 0
        for name in names:
            is_set = name[:1] == b"+"
            used += 1 + is_set
            if used > len(numbers):
                raise BadRecord("attribute update numbers", len(numbers), f"at least {used}")
            size = numbers[used - 1] if is_set else None
            text = name[2:].decode("utf-8", "surrogateescape")
            found.append(Attribute(text, name[1:2] == b"p", numbers[used - 1 - is_set], size))
        return cls(attributes=tuple(found))

    def encode(self) -> bytes:
        names, numbers = bytearray(), bytearray()
        for a in self.attributes:
            sign = "-" if a.value_size is None else "+"
            text = f"{sign}{'p' if a.private else 's'}{a.name}\0"
            names += text.encode("utf-8", "surrogateescape")
            numbers += struct.pack("<I", a.stamp)
            if a.value_size is not None:
                numbers += struct.pack("<I", a.value_size)
        return padded(bytes(names) + b"\0") + bytes(numbers)


def _split_names(payload: bytes) -> tuple[list[bytes], int]:
    """Return the signed names and where the numbers begin."""
    size = payload.find(b"\0\0")
    if size < 0:
        raise BadRecord("attribute update", payload[:40], "names that end with NUL NUL")
    names = payload[:size].split(b"\0")
    for name in names:
        if name[:1] not in (b"+", b"-") or name[1:2] not in (b"p", b"s") or len(name) < 3:
            raise BadRecord("attribute update name", name, "+ or -, p or s, a name")
    end = size + 2
    return names, end + -end % 4
