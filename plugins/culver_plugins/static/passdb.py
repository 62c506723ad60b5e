"""``passdb { driver = static }`` (inventory R3-021)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.auth.driver import DriverEnv, DriverError, LookupPassdb
from culver.auth.field_template import FieldTemplate
from culver.auth.result import PassdbResult
from culver.auth.schemes import split_scheme

if TYPE_CHECKING:
    from culver.auth.request import AuthRequest
    from culver.auth.rules import PassdbRules


class StaticPassdb(LookupPassdb):
    """``args = password=x`` or ``args = nopassword=y``, and any fields."""

    name = "static"
    default_scheme = "PLAIN"

    def __init__(self, args: str, rules: PassdbRules, env: DriverEnv) -> None:
        super().__init__(args, rules, env)
        try:
            self._fields = FieldTemplate(args, env.template)
        except ValueError as error:
            raise DriverError(f"passdb static: args: {error}") from None
        self._password = self._fields.take("password")

    async def find(self, request: AuthRequest) -> PassdbResult:
        """Everybody is found."""
        try:
            for name, value in self._fields.expand(request):
                self.set_field(request, name, value)
            if self._password is not None:
                self._set_password(request)
        except ValueError as error:
            self.env.notes.log(request, "error", f"passdb static: args: {error}")
            return PassdbResult.INTERNAL_FAILURE
        if self._password is None and "nopassword" not in request.passdb:
            return self._missing(request)
        return PassdbResult.OK

    def _set_password(self, request: AuthRequest) -> None:
        text = self._password
        value = text if isinstance(text, str) else (text.expand(request.variables) if text else "")
        # nopassword wins: there is nothing to compare.
        if "nopassword" not in request.passdb or split_scheme(value)[1]:
            self.set_field(request, "password", value)

    def _missing(self, request: AuthRequest) -> PassdbResult:
        if request.password_verified:
            return PassdbResult.OK  # it only adds fields to what an earlier passdb verified
        self.env.notes.log(request, "info", "No password returned (and no nopassword)")
        return PassdbResult.PASSWORD_MISMATCH
