"""Keyword names and their bits: the header of the `keywords` extension."""

import struct
from collections.abc import Iterable
from typing import Final

from culver.index.errors import BadRecord
from culver.index.packing import align

EXTENSION: Final = "keywords"
_SPARE: Final = 128
"""Room for more names, so that the next keyword does not move every later header."""


class Keywords:
    """The keywords of a mailbox in the order of their bits; names compare without case."""

    __slots__ = ("_bits", "names")

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names: list[str] = list(names)
        self._bits = {name.lower(): bit for bit, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def find(self, name: str) -> int | None:
        """Return the bit of name, None when no message ever had it."""
        return self._bits.get(name.lower())

    def add(self, name: str) -> int:
        """Return the bit of name, a new one when it is new."""
        bit = self._bits.setdefault(name.lower(), len(self.names))
        if bit == len(self.names):
            self.names.append(name)
        return bit

    def record_size(self) -> int:
        """Return the bytes a record needs for the bits, with one to grow when unaligned."""
        size = align(len(self.names), 8) // 8
        return size + (size % 4 != 0)

    def encode(self, at_least: int) -> bytes:
        """Return the extension's header of at_least bytes, larger only when names need it.

        Args:
            at_least: the size the header has now; it does not shrink.
        """
        encoded = [name.encode("utf-8", "surrogateescape") + b"\0" for name in self.names]
        places, offset = bytearray(), 0
        for name in encoded:
            places += struct.pack("<II", 0, offset)
            offset += len(name)
        raw = struct.pack("<I", len(encoded)) + places + b"".join(encoded)
        if len(raw) > at_least:
            raw += bytes(-len(raw) % 4 + _SPARE)
        return raw + bytes(max(0, at_least - len(raw)))

    @classmethod
    def decode(cls, data: bytes) -> "Keywords":
        """Return the keywords of an extension header.

        Raises:
            BadRecord: a name is missing, empty, twice there or not ended by NUL.
        """
        if len(data) < 4:
            raise BadRecord("keywords header size", len(data), "at least 4")
        (count,) = struct.unpack_from("<I", data)
        start = 4 + count * 8
        if start > len(data):
            raise BadRecord("keywords_count", count, f"at most {(len(data) - 4) // 8}")
        if count and data[-1] != 0:
            raise BadRecord("keywords header end", data[-1], "NUL")
        places = struct.unpack_from(f"<{count * 2}I", data, 4)[1::2]
        names = [_name(data, start + place) for place in places]
        found = cls(names)
        if len(found._bits) != count:
            raise BadRecord("keyword names", names, "each once")
        return found


def _name(data: bytes, start: int) -> str:
    end = data.find(b"\0", start)
    if end <= start:
        raise BadRecord("keyword name offset", start, "the start of a name")
    return data[start:end].decode("utf-8", "surrogateescape")
