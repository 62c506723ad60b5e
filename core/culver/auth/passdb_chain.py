"""The passdbs in the order of the configuration (inventory 3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from culver.auth.field_template import FieldTemplate
from culver.auth.matching import compile_filter
from culver.auth.mechanism import Credentials
from culver.auth.result import PassdbResult
from culver.auth.stored_credentials import usable_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from culver.auth.driver import Passdb
    from culver.auth.notes import Notes
    from culver.auth.request import AuthRequest, Stored
    from culver.auth.rules import ResultRule

# These mean something to the internal protocols; a password that holds one is refused
# before any database sees it.
_FORBIDDEN: Final = frozenset("\1\t\r\n")
_FOUND: Final = (PassdbResult.OK, PassdbResult.NEXT)
_FINAL: Final = (PassdbResult.USER_DISABLED, PassdbResult.PASS_EXPIRED)


class PassdbEntry:
    """One ``passdb { }`` block, compiled."""

    __slots__ = (
        "accepts",
        "defaults",
        "ident",
        "mechanisms",
        "on_failure",
        "on_internalfail",
        "on_success",
        "overrides",
        "passdb",
        "rules",
        "skip",
    )

    def __init__(self, passdb: Passdb, ident: str) -> None:
        rules = passdb.rules
        self.passdb = passdb
        self.ident = ident
        self.rules = rules
        self.skip = rules.skip
        self.defaults = FieldTemplate(rules.default_fields, passdb.env.template)
        self.overrides = FieldTemplate(rules.override_fields, passdb.env.template)
        self.mechanisms = frozenset(name.upper() for name in rules.mechanisms)
        self.accepts: Callable[[str], bool] | None = (
            compile_filter(rules.username_filter) if rules.username_filter else None
        )
        self.on_success: ResultRule = "continue" if rules.pass_ else rules.result_success
        self.on_failure: ResultRule = rules.result_failure
        self.on_internalfail: ResultRule = rules.result_internalfail

    def skips(self, request: AuthRequest) -> bool:
        """Whether this passdb has no say in the request now."""
        if self.mechanisms and (request.mechanism or "NONE") not in self.mechanisms:
            return True
        if self.accepts is not None and not self.accepts(request.user):
            return True
        if self.skip == "never":
            return False
        return request.password_verified == (self.skip == "authenticated")

    def rule(self, result: PassdbResult) -> ResultRule:
        """What the block wants done after this result."""
        if result is PassdbResult.OK:
            return self.on_success
        if result is PassdbResult.INTERNAL_FAILURE:
            return self.on_internalfail
        return "continue" if result is PassdbResult.NEXT else self.on_failure


class _Walk:
    """Where one request is in the chain, and what it has seen."""

    __slots__ = ("database_ids", "index", "later", "seen_internal_failure", "seen_unknown")

    def __init__(self, later: Sequence[PassdbEntry]) -> None:
        self.later = later
        self.index = 0
        self.seen_internal_failure = False
        self.seen_unknown = False


class PassdbChain:
    """Asks passdbs one after the other, as their result rules say (R3-008, R3-009).

    Raises ValueError for configurations that can't work.
    """

    def __init__(self, passdbs: Sequence[Passdb], notes: Notes) -> None:
        entries = [PassdbEntry(passdb, str(i + 1)) for i, passdb in enumerate(passdbs)]
        self.masters = tuple(entry for entry in entries if entry.rules.master)
        self.normal = tuple(entry for entry in entries if not entry.rules.master)
        self._notes = notes
        _validate(self.masters, self.normal)

    async def verify(self, request: AuthRequest, password: str) -> PassdbResult:
        """Check a password.  OK only if the user may log in with it."""
        request.password = password
        if not _FORBIDDEN.isdisjoint(password):
            self._notes.log(request, "info", "Attempted login with password having illegal chars")
            return PassdbResult.USER_UNKNOWN
        result = await self._walk(request, password)
        if result is PassdbResult.OK and not request.passdb_success:
            return PassdbResult.PASSWORD_MISMATCH  # result_success = return-fail and the like
        return result

    async def credentials(self, request: AuthRequest, schemes: Sequence[str]) -> Credentials:
        """What is stored, in one of the schemes; with no schemes: whether the user exists."""
        result = await self._walk(request, None)
        if result is not PassdbResult.OK or not schemes:
            return Credentials(result)
        return usable_credentials(request, schemes, self._any_env(), self._notes)

    def _any_env(self) -> Passdb:
        return (self.normal or self.masters)[0].passdb

    async def _walk(self, request: AuthRequest, password: str | None) -> PassdbResult:
        if request.login_user and not self.masters:
            self._notes.log(
                request, "info", "Attempted master login with no master passdbs"
                f" (trying to log in as user: {request.login_user})"
            )  # fmt: skip
            return PassdbResult.USER_UNKNOWN
        walk = _Walk(self.masters if request.login_user else self.normal)
        entry = self._next(walk, request)
        if entry is None:
            self._notes.log(request, "error", "All password databases were skipped")
            return PassdbResult.INTERNAL_FAILURE
        first_stored: Stored | None = None
        while True:
            result = await self._ask(entry, request, password)
            found = request.stored
            following, result = self._judge(entry, walk, request, result)
            if following is None:
                # The last one may only have added fields: the password of the first counts.
                request.stored = found or first_stored
                return result
            if request.password_verified:
                first_stored = first_stored or found
            entry = following

    @staticmethod
    def _next(walk: _Walk, request: AuthRequest) -> PassdbEntry | None:
        while walk.index < len(walk.later):
            entry = walk.later[walk.index]
            walk.index += 1
            if not entry.skips(request):
                return entry
        return None

    async def _ask(
        self, entry: PassdbEntry, request: AuthRequest, password: str | None
    ) -> PassdbResult:
        passdb = entry.passdb
        request.database_id = entry.ident
        request.stored = None
        self._notes.passdb_started(request, passdb.name, entry.ident)
        result = await self._lookup(entry, request, password)
        if result is PassdbResult.OK and "noauthenticate" in request.passdb:
            result = PassdbResult.NEXT
        self._notes.passdb_finished(request, passdb.name, entry.ident, result)
        if entry.overrides and not self._set(entry, entry.overrides, request, "override_fields"):
            return PassdbResult.INTERNAL_FAILURE
        return result

    async def _lookup(
        self, entry: PassdbEntry, request: AuthRequest, password: str | None
    ) -> PassdbResult:
        if entry.defaults and not self._set(entry, entry.defaults, request, "default_fields"):
            return PassdbResult.INTERNAL_FAILURE
        if password is None:
            return await entry.passdb.lookup(request)
        return await entry.passdb.verify(request, password)

    def _set(
        self, entry: PassdbEntry, fields: FieldTemplate, request: AuthRequest, what: str
    ) -> bool:
        try:
            for name, value in fields.expand(request):
                entry.passdb.set_field(request, name, value)
        except ValueError as error:
            self._notes.log(request, "error", f"Failed to expand {what}: {error}")
            return False
        return True

    def _judge(
        self, entry: PassdbEntry, walk: _Walk, request: AuthRequest, result: PassdbResult
    ) -> tuple[PassdbEntry | None, PassdbResult]:
        """Apply the rules: the passdb to ask next, or None and the verdict."""
        if entry.rules.deny and result is not PassdbResult.USER_UNKNOWN:
            if result is PassdbResult.INTERNAL_FAILURE:
                return None, result
            self._notes.log(request, "info", "User found from deny passdb")
            return None, PassdbResult.USER_DISABLED
        if request.failed:
            request.failed = False
            if result is PassdbResult.OK:
                result = PassdbResult.USER_UNKNOWN
        if result in _FINAL:
            if result is PassdbResult.PASS_EXPIRED:
                request.passdb.set("reason", "Password expired")
            return None, result
        goes_on = _apply(entry.rule(result), request, result)
        # It spoke of this passdb only.
        request.passdb.remove("nopassword")
        request.passdb.remove("noauthenticate")
        if request.login_user and result is PassdbResult.OK:
            self._become(request)
            walk.later, walk.index = self.normal, 0
        following = self._next(walk, request) if goes_on else None
        _settle(request, result)
        if following is not None:
            walk.seen_unknown |= result is PassdbResult.USER_UNKNOWN
            walk.seen_internal_failure |= result is PassdbResult.INTERNAL_FAILURE
            return following, result
        return None, self._verdict(walk, request, result)

    def _become(self, request: AuthRequest) -> None:
        self._notes.log(request, "info", f"Master user logging in as {request.login_user}")
        request.master_user = request.user
        request.user = request.translated_user = request.login_user
        request.login_user = ""

    def _verdict(self, walk: _Walk, request: AuthRequest, result: PassdbResult) -> PassdbResult:
        if result is PassdbResult.NEXT:
            self._notes.log(
                request,
                "error",
                "Last passdb had noauthenticate field, cannot authenticate user",
            )
            return PassdbResult.INTERNAL_FAILURE
        if request.passdb_success:
            return PassdbResult.OK
        if walk.seen_internal_failure:
            # The one that failed may have known the right password: don't say it was wrong.
            return PassdbResult.INTERNAL_FAILURE
        if result is PassdbResult.SCHEME_NOT_AVAILABLE and walk.seen_unknown:
            return PassdbResult.USER_UNKNOWN
        return result


def _apply(rule: ResultRule, request: AuthRequest, result: PassdbResult) -> bool:
    """Do what a rule says; True when later passdbs are to be asked."""
    if rule.endswith("-ok"):
        request.passdb_success = True
    elif rule.endswith("-fail"):
        request.passdb_success = False
    goes_on = rule.startswith("continue")
    if goes_on and (rule == "continue-ok" or (rule == "continue" and result is PassdbResult.OK)):
        request.password_verified = True
    return goes_on


def _settle(request: AuthRequest, result: PassdbResult) -> None:
    if result in _FOUND:
        request.passdb.keep()
        request.userdb.keep()
    else:
        nodelay = "nodelay" in request.passdb
        request.passdb.undo()
        request.userdb.undo()
        if nodelay:  # the one field that only failures look at (R3-043)
            request.passdb.set("nodelay", "")
        request.prefetched = request.prefetched and len(request.userdb) > 0


def _validate(masters: Sequence[PassdbEntry], normal: Sequence[PassdbEntry]) -> None:
    if normal and normal[-1].rules.pass_:
        raise ValueError("passdb: the last passdb can't have pass=yes")
    for entry in masters:
        if entry.rules.deny:
            raise ValueError("passdb: a passdb with master=yes can't have deny=yes")
        if entry.rules.pass_ and not normal:
            raise ValueError("passdb: master=yes with pass=yes needs a passdb without master=yes")
