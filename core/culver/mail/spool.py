"""Hold a mail that arrives in pieces: in memory while small, in an unnamed file when large."""

from __future__ import annotations

import mmap
import tempfile
from typing import BinaryIO

from culver.mail.newmail import Buffer

IN_MEMORY = 128 * 1024
"""Bytes kept in memory; more goes to ``mail_temp_dir`` (inventory R6-015)."""


class Spool:
    """Collects one mail.  Used within ``with``, so that its file is gone at the end.

    Writing raises :exc:`OSError` (ENOSPC) when the disk is full.
    """

    def __init__(self, directory: str | None = None) -> None:
        self.size = 0
        self._directory = directory
        self._pieces: list[bytes] = []
        self._file: BinaryIO | None = None
        self._map: mmap.mmap | None = None

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        if self._map is not None:
            self._map.close()
        if self._file is not None:
            self._file.close()

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        """Append; the bytes are copied."""
        self.size += len(piece)
        if self._file is not None:
            self._file.write(piece)
            return
        self._pieces.append(bytes(piece))
        if self.size > IN_MEMORY:
            # Closed by __exit__: it lives as long as the spool.
            self._file = tempfile.TemporaryFile(dir=self._directory or None)  # noqa: SIM115
            self._file.write(b"".join(self._pieces))
            self._pieces.clear()

    def buffer(self) -> Buffer:
        """All of it.  Write nothing afterwards; valid until the spool is left."""
        if self._file is None:
            return b"".join(self._pieces)
        if self._map is None:
            self._file.flush()
            self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._map
