"""Look for things in a file of any size, reading only the parts that are looked at.

Not mmap: who truncates the file under a mapping kills the process with SIGBUS, and with it the
sessions of everybody else; mail programs that don't lock as we do exist.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Final

_CHUNK: Final = 256 * 1024

Pread = Callable[[int, int], bytes]
"""(length, offset) to bytes, fewer at the end of the file."""


class FileView:
    """The first ``size`` bytes of a file.  What others cut off meanwhile reads as nothing."""

    __slots__ = ("_at", "_chunk", "_pread", "size")

    def __init__(self, pread: Pread, size: int) -> None:
        self._pread = pread
        self._at = 0
        self._chunk = b""
        self.size = size

    @classmethod
    def of(cls, fd: int, size: int) -> FileView:
        """Of an open file."""
        return cls(partial(os.pread, fd), size)

    @classmethod
    def of_bytes(cls, data: bytes) -> FileView:
        """Of what is in memory already."""
        return cls(lambda length, offset: data[offset : offset + length], len(data))

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` to before ``end``."""
        end = min(end, self.size)
        if start >= end:
            return b""
        place = start - self._at
        if place < 0 or end - self._at > len(self._chunk):
            if end - start > _CHUNK:
                return self._long(start, end)
            self._load(start)
            place = 0
        return self._chunk[place : place + end - start]

    def _long(self, start: int, end: int) -> bytes:
        pieces: list[bytes] = []
        while start < end and (piece := self._pread(end - start, start)):
            pieces.append(piece)
            start += len(piece)
        return b"".join(pieces)

    def _load(self, start: int) -> None:
        self._at = start
        self._chunk = self._pread(min(_CHUNK, self.size - start), start)

    def find(self, needle: bytes, start: int, end: int) -> int:
        """The first place of ``needle`` that lies wholly between, or -1."""
        end = min(end, self.size)
        while end - start >= len(needle):
            if not self._at <= start < self._at + len(self._chunk) - len(needle):
                self._load(start)
            found = self._chunk.find(needle, start - self._at, end - self._at)
            if found >= 0:
                return found + self._at
            read = self._at + len(self._chunk)
            if read >= end or len(self._chunk) < len(needle):
                return -1
            start = read - len(needle) + 1
        return -1
