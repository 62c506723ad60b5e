"""Where lines go: a file that can be reopened after rotation, or stderr."""

import os
import sys
from pathlib import Path
from typing import BinaryIO, Final, Protocol

STDERR: Final = "/dev/stderr"


class LineTarget(Protocol):
    """What a log writes to."""

    def write(self, data: bytes, /) -> int:
        """Take one or more whole lines. Raises OSError."""
        ...

    def flush(self) -> None:
        """Let nothing wait in a buffer."""
        ...

    def reopen(self) -> None:
        """Follow a rotation."""
        ...


class Target:
    """A sink of whole lines, written unbuffered: what was logged is in the file when the process
    dies the next moment.

    `path` may be /dev/stderr. Raises OSError when the file can't be opened.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        self._file = self._open()

    def _open(self) -> BinaryIO:
        if self.path == STDERR:
            return sys.stderr.buffer
        # O_APPEND: several workers write to one file, and each line stays whole.
        mode = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        return os.fdopen(os.open(self.path, mode, 0o600), "wb", buffering=0)

    def write(self, data: bytes) -> int:
        """Write one or more whole lines. Raises OSError (full disk)."""
        return self._file.write(data)

    def flush(self) -> None:
        """Only stderr has a buffer."""
        self._file.flush()

    def reopen(self) -> None:
        """Open the path anew, after rotation. If that fails (OSError) the old file stays."""
        fresh = self._open()
        self.close()
        self._file = fresh

    def close(self) -> None:
        """Close the file; stderr stays open."""
        if self.path != STDERR:
            self._file.close()
