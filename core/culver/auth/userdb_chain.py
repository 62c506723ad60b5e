"""The userdbs in the order of the configuration (inventory 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.auth.field_template import FieldTemplate
from culver.auth.result import UserdbResult
from culver.auth.userdb_fields import set_userdb_field

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from culver.auth.driver import Userdb
    from culver.auth.notes import Notes
    from culver.auth.request import AuthRequest
    from culver.auth.rules import ResultRule


class UserdbEntry:
    """One ``userdb { }`` block, compiled."""

    __slots__ = ("defaults", "ident", "overrides", "rules", "userdb")

    def __init__(self, userdb: Userdb, ident: str) -> None:
        self.userdb = userdb
        self.ident = ident
        self.rules = userdb.rules
        self.defaults = FieldTemplate(self.rules.default_fields, userdb.env.template)
        self.overrides = FieldTemplate(self.rules.override_fields, userdb.env.template)

    def skips(self, request: AuthRequest) -> bool:
        """Whether this userdb has no say in the request now."""
        if self.rules.skip == "never":
            return False
        return request.userdb_success == (self.rules.skip == "found")

    def rule(self, result: UserdbResult) -> ResultRule:
        """What the block wants done after this result."""
        if result is UserdbResult.OK:
            return self.rules.result_success
        if result is UserdbResult.INTERNAL_FAILURE:
            return self.rules.result_internalfail
        return self.rules.result_failure


class UserdbChain:
    """Asks userdbs one after the other, as their result rules say (R3-036)."""

    def __init__(self, userdbs: Sequence[Userdb], notes: Notes) -> None:
        self.entries = tuple(UserdbEntry(userdb, str(i + 1)) for i, userdb in enumerate(userdbs))
        self._notes = notes

    async def lookup(self, request: AuthRequest) -> UserdbResult:
        """Collect the user's fields in ``request.userdb``; the name may change too."""
        request.userdb_lookup = True
        seen_internal_failure = False
        result = UserdbResult.USER_UNKNOWN
        for entry in self.entries:
            if entry.skips(request):
                continue
            result = await self._ask(entry, request)
            goes_on = _apply(entry.rule(result), request)
            if result is UserdbResult.OK or (request.userdb_success and not goes_on):
                if not self._override(entry, request):
                    return UserdbResult.INTERNAL_FAILURE
                request.userdb.keep()
            elif goes_on:
                seen_internal_failure |= result is UserdbResult.INTERNAL_FAILURE
                request.userdb.undo()
            if not goes_on:
                break
        return self._verdict(request, result, seen_internal_failure)

    @staticmethod
    def _verdict(
        request: AuthRequest, last: UserdbResult, seen_internal_failure: bool
    ) -> UserdbResult:
        if request.userdb_tempfail:
            return UserdbResult.INTERNAL_FAILURE
        if request.userdb_success:
            return UserdbResult.OK
        if seen_internal_failure or last is UserdbResult.INTERNAL_FAILURE:
            return UserdbResult.INTERNAL_FAILURE
        return UserdbResult.USER_UNKNOWN

    async def _ask(self, entry: UserdbEntry, request: AuthRequest) -> UserdbResult:
        request.database_id = entry.ident
        self._notes.userdb_started(request, entry.userdb.name, entry.ident)
        if self._set(entry.defaults, request, "default_fields"):
            result = await entry.userdb.lookup(request)
        else:
            result = UserdbResult.INTERNAL_FAILURE
        self._notes.userdb_finished(request, entry.userdb.name, entry.ident, result)
        return result

    def _override(self, entry: UserdbEntry, request: AuthRequest) -> bool:
        return self._set(entry.overrides, request, "override_fields")

    def _set(self, fields: FieldTemplate, request: AuthRequest, what: str) -> bool:
        try:
            for name, value in fields.expand(request):
                set_userdb_field(request, name, value, self._notes)
        except ValueError as error:
            self._notes.log(request, "error", f"Failed to expand {what}: {error}")
            return False
        return True

    async def iterate(self, request: AuthRequest) -> AsyncIterator[str]:
        """Every user that the userdbs can list, each name once per userdb that has it.

        Raises :class:`culver.errors.Unavailable`, and ValueError when no userdb can list.
        """
        able = [entry.userdb for entry in self.entries if entry.userdb.iterable]
        if not able:
            raise ValueError("Trying to iterate users, but userdbs don't support it")
        for userdb in able:
            async for name in userdb.iterate(request):
                yield name


def _apply(rule: ResultRule, request: AuthRequest) -> bool:
    if rule.endswith("-ok"):
        request.userdb_success = True
    elif rule.endswith("-fail"):
        request.userdb_success = False
    return rule.startswith("continue")
