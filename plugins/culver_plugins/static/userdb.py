"""``userdb { driver = static }`` (inventory R3-032)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.auth.driver import DriverEnv, DriverError, Userdb
from culver.auth.field_template import FieldTemplate
from culver.auth.result import PassdbResult, UserdbResult
from culver.auth.userdb_fields import set_userdb_field

if TYPE_CHECKING:
    from culver.auth.request import AuthRequest
    from culver.auth.rules import UserdbRules

_NO_SUCH_USER = (
    PassdbResult.USER_UNKNOWN,
    PassdbResult.USER_DISABLED,
    PassdbResult.PASS_EXPIRED,
)


class StaticUserdb(Userdb):
    """The same fields for all users, %variables expanded.

    It can't tell by itself whether a user exists: without a login before, the passdbs are asked,
    unless ``allow_all_users=yes``.
    """

    name = "static"

    def __init__(self, args: str, rules: UserdbRules, env: DriverEnv) -> None:
        super().__init__(args, rules, env)
        try:
            self._fields = FieldTemplate(args, env.template)
        except ValueError as error:
            raise DriverError(f"userdb static: args: {error}") from None
        allow = self._fields.take("allow_all_users")
        self._allow_all = isinstance(allow, str) and allow.lower() in ("", "yes")

    async def lookup(self, request: AuthRequest) -> UserdbResult:
        """Set the fields, when there is such a user."""
        if not request.authenticated and not self._allow_all:
            result = await self._exists(request)
            if result is not UserdbResult.OK:
                return result
        try:
            for name, value in self._fields.expand(request):
                set_userdb_field(request, name, value, self.env.notes)
        except ValueError as error:
            self.env.notes.log(request, "error", f"userdb static: args: {error}")
            return UserdbResult.INTERNAL_FAILURE
        return UserdbResult.OK

    async def _exists(self, request: AuthRequest) -> UserdbResult:
        exists = self.env.exists
        result = await exists(request) if exists else PassdbResult.SCHEME_NOT_AVAILABLE
        if result is PassdbResult.OK:
            return UserdbResult.OK
        if result in _NO_SUCH_USER:
            return UserdbResult.USER_UNKNOWN
        if result is PassdbResult.SCHEME_NOT_AVAILABLE:
            self.env.notes.log(
                request,
                "error",
                "passdb doesn't support lookups, can't verify user's existence"
                " (userdb static: allow_all_users=yes would skip this check)",
            )
        return UserdbResult.INTERNAL_FAILURE
