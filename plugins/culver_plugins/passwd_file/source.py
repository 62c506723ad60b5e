"""Passwd-files on disk: parsed once, read again when they change."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import trio

from culver.auth.variables import RequestVariables
from culver_plugins.passwd_file.entries import Entry, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from culver.auth.driver import DriverEnv
    from culver.auth.request import AuthRequest

# How long a file is believed without looking: Dovecot looks once per turn of its loop, in seconds.
_TRUST: Final = 0.2
# Files of a path with %variables that are kept; the names come from clients.
_MAX_FILES: Final = 256
# Bytes; parsing more than this takes longer than the loop should wait.
_LARGE: Final = 256 * 1024


class PasswdFileError(Exception):
    """The file can't be used now.  Names the file and why."""


class _Traversal(ValueError):
    """A client's name would lead out of the folder."""


class _PathVariables(RequestVariables):
    """Variables as parts of a path: cut at the first slash, and never a step upwards."""

    __slots__ = ()

    def __getitem__(self, name: str) -> str:
        value = super().__getitem__(name).partition("/")[0]
        if value in (".", "..") or "\0" in value:
            raise _Traversal(value)
        return value


class _File:
    __slots__ = ("checked", "stamp", "users")

    def __init__(self, stamp: tuple[int, int, int], users: dict[str, Entry]) -> None:
        self.checked = 0.0
        self.stamp = stamp
        self.users = users


class PasswdFiles:
    """The file, or files, that a ``passwd-file`` block names."""

    def __init__(self, path: str, env: DriverEnv) -> None:
        self._env = env
        self.path = path.replace("%%", "%") if not _has_variables(path) else path
        self._template = env.template(path) if _has_variables(path) else None
        self._files: dict[str, _File] = {}

    @property
    def variable(self) -> bool:
        """The path differs from user to user."""
        return self._template is not None

    async def users(self, request: AuthRequest | None) -> dict[str, Entry] | None:
        """The users of the file that is meant; None when a file of a path with %variables, and
        only such, doesn't exist.

        Raises :class:`PasswdFileError`.
        """
        try:
            path = self._path(request)
        except _Traversal:
            return None
        file = self._files.get(path)
        now = trio.current_time()
        if file is None or now - file.checked > _TRUST:
            file = await self._refresh(path, file)
            if file is None:
                return None
            file.checked = now
        return file.users

    def _path(self, request: AuthRequest | None) -> str:
        if self._template is None or request is None:
            return self.path
        return self._template.expand(_PathVariables(request))

    async def _refresh(self, path: str, file: _File | None) -> _File | None:
        try:
            info = os.stat(path)
            stamp = (info.st_mtime_ns, info.st_size, info.st_ino)
            if file is not None and file.stamp == stamp:
                return file
            return self._keep(path, stamp, await self._read(path, info.st_size))
        except OSError as error:
            if self.variable and isinstance(error, FileNotFoundError | NotADirectoryError):
                self._files.pop(path, None)
                return None
            raise PasswdFileError(f"passwd-file {path}: {error.strerror}") from None

    def _keep(self, path: str, stamp: tuple[int, int, int], users: dict[str, Entry]) -> _File:
        self._files.pop(path, None)
        while len(self._files) >= _MAX_FILES:
            del self._files[next(iter(self._files))]
        file = self._files[path] = _File(stamp, users)
        return file

    async def _read(self, path: str, size: int) -> dict[str, Entry]:
        if size > _LARGE:
            return await trio.to_thread.run_sync(self._load, path)
        return self._load(path)

    def _load(self, path: str) -> dict[str, Entry]:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return parse(stream.read(), self._complain(path))

    def _complain(self, path: str) -> Callable[[str], None]:
        return lambda text: self._env.notes.log(None, "error", f"passwd-file {path}: {text}")


def _has_variables(path: str) -> bool:
    return "%" in path.replace("%%", "")
