"""Make file operations fail as a full or broken disk does.

    with failing("write", errno.ENOSPC, path="*/Maildir/tmp/*"):
        reply = ...

Only what goes through :mod:`os` by name is seen: ``os.write`` is, a file object's ``write`` isn't
(``tempfile`` stands for the files that spool large mails).
"""

from __future__ import annotations

import fnmatch
import os
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any, Literal, get_args
from unittest import mock

Operation = Literal[
    "open", "write", "rename", "link", "unlink", "mkdir", "fsync", "fdatasync", "listdir",
    "scandir", "stat", "tempfile",
]  # fmt: skip
"""The function of :mod:`os` that fails; ``tempfile``: making a temporary file."""


class Fault:
    """A fault that is in place.  ``hits`` counts how often it struck."""

    def __init__(self, error: int, path: str, after: int, times: int | None) -> None:
        self.error = error
        self.path = path
        self.after = after
        self.times = times
        self.hits = 0
        self._seen = 0

    def strike(self, *paths: str) -> None:
        """Raise OSError if it is this operation's turn."""
        if not any(fnmatch.fnmatchcase(path, self.path) for path in paths):
            return
        self._seen += 1
        if self._seen <= self.after or (self.times is not None and self.hits >= self.times):
            return
        self.hits += 1
        raise OSError(self.error, os.strerror(self.error), paths[0])


@contextmanager
def failing(
    operation: Operation, error: int, *, path: str = "*", after: int = 0, times: int | None = None
) -> Generator[Fault]:
    """While the block runs, ``operation`` fails with the errno ``error``, in all threads.

    ``path``: only for files that match the pattern (``*`` matches ``/`` too).  ``after``: so many
    matching calls succeed before.  ``times``: so many fail, then all succeed again; None: all.
    """
    if operation not in get_args(Operation):
        allowed = ", ".join(get_args(Operation))
        raise ValueError(f"operation {operation!r} can't be made to fail; allowed: {allowed}")
    fault = Fault(error, path, after, times)
    module, name = (tempfile, "TemporaryFile") if operation == "tempfile" else (os, operation)
    real: Callable[..., Any] = getattr(module, name)

    call: Callable[..., Any] = real

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        fault.strike(*_paths(operation, args))
        return call(*args, **kwargs)

    with mock.patch.object(module, name, wrapped):
        yield fault


def _paths(operation: Operation, args: tuple[Any, ...]) -> list[str]:
    if operation == "tempfile":
        return [""]
    count = 2 if operation in ("rename", "link") else 1
    return [_path(each) for each in args[:count]] or ["."]


def _path(file: int | str | bytes | os.PathLike[str]) -> str:
    if isinstance(file, int):
        with suppress(OSError):
            return os.readlink(f"/proc/self/fd/{file}")
        return ""
    return os.fsdecode(file)
