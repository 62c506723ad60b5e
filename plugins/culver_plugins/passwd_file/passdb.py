"""``passdb { driver = passwd-file }`` (inventory R3-015)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.auth.driver import DriverEnv, LookupPassdb
from culver.auth.result import PassdbResult
from culver_plugins.passwd_file.args import parse_args
from culver_plugins.passwd_file.find import Finder
from culver_plugins.passwd_file.source import PasswdFileError

if TYPE_CHECKING:
    from culver.auth.request import AuthRequest
    from culver.auth.rules import PassdbRules


class PasswdFilePassdb(LookupPassdb):
    """Users with their passwords; a deny file may hold names only."""

    name = "passwd-file"

    def __init__(self, args: str, rules: PassdbRules, env: DriverEnv) -> None:
        super().__init__(args, rules, env)
        parsed = parse_args(args, "passdb", ("scheme", "username_format"))
        self.default_scheme = parsed.scheme
        self._finder = Finder(parsed, env)

    async def find(self, request: AuthRequest) -> PassdbResult:
        """Password and extra fields of the user's line."""
        try:
            entry = await self._finder.find(request)
            if entry is None:
                return PassdbResult.USER_UNKNOWN
            self.set_field(request, "password", entry.password)
            for text in entry.extra:
                self.set_field(request, *self._finder.expand_field(text, request))
        except PasswdFileError as error:
            self.env.notes.log(request, "error", str(error))
            return PassdbResult.INTERNAL_FAILURE
        return PassdbResult.OK
