"""``userdb { driver = passwd-file }`` (inventory R3-031)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.auth.driver import DriverEnv, Userdb
from culver.auth.result import UserdbResult
from culver.auth.userdb_fields import group_id, set_userdb_field, user_id
from culver.errors import Unavailable
from culver_plugins.passwd_file.args import parse_args
from culver_plugins.passwd_file.find import Finder
from culver_plugins.passwd_file.source import PasswdFileError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from culver.auth.request import AuthRequest
    from culver.auth.rules import UserdbRules
    from culver_plugins.passwd_file.entries import Entry


class PasswdFileUserdb(Userdb):
    """Ids, home and the ``userdb_*`` extra fields of the user's line."""

    name = "passwd-file"
    iterable = True

    def __init__(self, args: str, rules: UserdbRules, env: DriverEnv) -> None:
        super().__init__(args, rules, env)
        self._finder = Finder(parse_args(args, "userdb", ("username_format",)), env)

    async def lookup(self, request: AuthRequest) -> UserdbResult:
        """Set the fields; a line that ends before the ids is for passdbs only."""
        try:
            entry = await self._finder.find(request)
            if entry is None or not entry.userdb or not self._has_valid_ids(request, entry):
                return UserdbResult.USER_UNKNOWN
            self._set(request, entry)
        except PasswdFileError as error:
            self.env.notes.log(request, "error", str(error))
            return UserdbResult.INTERNAL_FAILURE
        return UserdbResult.OK

    def _has_valid_ids(self, request: AuthRequest, entry: Entry) -> bool:
        # Root's mail would be read and written with root's rights.
        for text, number in ((entry.uid, user_id), (entry.gid, group_id)):
            if text and not number(text):
                self.env.notes.log(
                    request, "error", f"User {entry.user} has invalid UID or GID '{text}'"
                )
                return False
        return True

    def _set(self, request: AuthRequest, entry: Entry) -> None:
        for name, value in (("uid", entry.uid), ("gid", entry.gid), ("home", entry.home)):
            if value:
                set_userdb_field(request, name, value, self.env.notes)
        for text in entry.extra:
            if text.startswith("userdb_"):
                name, value = self._finder.expand_field(text[7:], request)
                set_userdb_field(request, name, value, self.env.notes)

    async def iterate(self, request: AuthRequest) -> AsyncIterator[str]:
        """Names in the file.  A path with %variables can't be listed."""
        if self._finder.files.variable:
            raise Unavailable(
                "UNAVAILABLE",
                "Internal error",
                "passwd-file: users of a path with %variables can't be listed",
            )
        try:
            users = await self._finder.files.users(None)
        except PasswdFileError as error:
            raise Unavailable("UNAVAILABLE", "Internal error", str(error)) from None
        for entry in (users or {}).values():
            if entry.userdb or self.env.lone_userdb:
                yield entry.user
