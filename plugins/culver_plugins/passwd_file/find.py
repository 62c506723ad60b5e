"""Finding the line of a request's user; what passdb and userdb share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from culver_plugins.passwd_file.source import PasswdFileError, PasswdFiles

if TYPE_CHECKING:
    from culver.auth.driver import DriverEnv
    from culver.auth.request import AuthRequest
    from culver_plugins.passwd_file.args import Args
    from culver_plugins.passwd_file.entries import Entry

Expand: TypeAlias = Callable[[Mapping[str, str]], str]


class Finder:
    """Looks up ``username_format`` in the file.  Raises :class:`PasswdFileError` only."""

    def __init__(self, args: Args, env: DriverEnv) -> None:
        self._env = env
        self.files = PasswdFiles(args.path, env)
        self._format = None if args.username_format == "%u" else env.template(args.username_format)

    async def find(self, request: AuthRequest) -> Entry | None:
        """The user's line; None when there is none."""
        users = await self.files.users(request)
        if users is None:
            self._env.notes.log(request, "info", "missing passwd file")
            return None
        name = request.user
        if self._format is not None:
            name = self._expand(self._format.expand, request)
        entry = users.get(name)
        if entry is None:
            self._env.notes.log(request, "info", "unknown user")
        return entry

    @staticmethod
    def _expand(expand: Expand, request: AuthRequest) -> str:
        try:
            return expand(request.variables)
        except ValueError as error:
            raise PasswdFileError(f"Failed to expand username_format: {error}") from None

    def expand_field(self, text: str, request: AuthRequest) -> tuple[str, str]:
        """An extra field with its %variables expanded."""
        name, _, value = text.partition("=")
        if "%" in value:
            value = self._expand(self._env.template(value).expand, request)
        return name, value
