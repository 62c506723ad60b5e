"""The auth service: mechanisms, chains, delays.  Where secrets are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.auth.client import AuthExchange, Failure, MechanismInfo, UserRecord
from culver.auth.exchange import RefusedExchange, ServiceExchange
from culver.auth.logins import Logins
from culver.auth.notes import SILENT, Notes
from culver.auth.result import PassdbResult, UserdbResult
from culver.auth.username import BadUsername, UsernameRules
from culver.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from culver.auth.failure_delay import FailureDelay
    from culver.auth.mechanism import SaslMechanism
    from culver.auth.passdb_chain import PassdbChain
    from culver.auth.request import AuthRequest
    from culver.auth.userdb_chain import UserdbChain


class AuthService:
    """Answers every question about who somebody is.  One per auth process.

    Used by any number of tasks; what is per request is in :class:`AuthRequest`.
    """

    def __init__(
        self,
        *,
        passdbs: PassdbChain,
        userdbs: UserdbChain,
        mechanisms: Sequence[type[SaslMechanism]],
        usernames: UsernameRules,
        delay: FailureDelay,
        notes: Notes = SILENT,
    ) -> None:
        self.passdbs = passdbs
        self.userdbs = userdbs
        self.usernames = usernames
        self.delay = delay
        self.notes = notes
        self.logins = Logins()
        self.mechanisms = {cls.name: cls for cls in mechanisms}
        self.offer = tuple(
            MechanismInfo(name=cls.name, plaintext=cls.plaintext, anonymous=cls.anonymous)
            for cls in mechanisms
            if not cls.private
        )

    def begin(self, mechanism: str, request: AuthRequest) -> AuthExchange:
        """Start an exchange; an unknown mechanism fails at its first step.

        Doesn't ask whether a plaintext mechanism is wise: who has the connection knows that.
        """
        cls = self.mechanisms.get(mechanism.upper())
        if cls is None:
            return RefusedExchange(Failure(code="unsupported_mechanism"))
        request.mechanism = cls.name
        return ServiceExchange(self, cls(), request)

    async def lookup_user(self, request: AuthRequest, user: str) -> UserRecord | None:
        """Ask the userdbs about any user; None when nobody knows him.

        Raises :class:`Unavailable`.
        """
        request.userdb_lookup = True
        try:
            self.usernames.set_user(request, user)
        except BadUsername as error:
            self.notes.log(request, "info", str(error))
            return None
        return await self._record(request)

    async def lookup_login(self, ticket: str) -> UserRecord | None:
        """Ask the userdbs about somebody who has just logged in.

        Raises :class:`Unavailable`, for a ticket that isn't known (any more) too.
        """
        request = self.logins.take(ticket)
        if request is None:
            raise Unavailable("UNAVAILABLE", "Internal error", "auth: login expired or unknown")
        record = await self._record(request)
        if record is None:
            self.notes.log(request, "error", "user not found from any userdbs")
            return None
        return UserRecord(name=record.name, fields={**_who(request), **record.fields})

    async def lookup_pass(self, request: AuthRequest, user: str) -> dict[str, str] | None:
        """Ask the passdbs without a password; fields with ``user``, None when unknown.

        Raises :class:`Unavailable`.
        """
        try:
            self.usernames.set_user(request, user)
        except BadUsername as error:
            self.notes.log(request, "info", str(error))
            return None
        answer = await self.passdbs.credentials(request, ())
        if answer.result is PassdbResult.OK:
            return {"user": request.user, **request.passdb.visible()}
        if answer.result in (
            PassdbResult.USER_UNKNOWN,
            PassdbResult.USER_DISABLED,
            PassdbResult.PASS_EXPIRED,
        ):
            return None
        text = "Configured passdbs don't support credentials lookups"
        known = answer.result is PassdbResult.SCHEME_NOT_AVAILABLE
        raise Unavailable("UNAVAILABLE", "Internal error", text if known else "passdb failed")

    def list_users(self, request: AuthRequest) -> AsyncIterator[str]:
        """Names that the userdbs can list.  Raises Unavailable, ValueError while iterating."""
        return self.userdbs.iterate(request)

    async def _record(self, request: AuthRequest) -> UserRecord | None:
        result = await self.userdbs.lookup(request)
        if result is UserdbResult.INTERNAL_FAILURE:
            reason = request.userdb.get("reason") if request.userdb_tempfail else ""
            raise Unavailable("UNAVAILABLE", reason or "Internal error", "userdb lookup failed")
        if result is UserdbResult.USER_UNKNOWN:
            return None
        return UserRecord(name=request.user, fields=request.userdb.visible())


def _who(request: AuthRequest) -> dict[str, str]:
    """What the mail process has to know of the login itself (inventory R3-053)."""
    fields = {"auth_mech": request.mechanism}
    if request.master_user:
        fields["master_user"] = fields["auth_user"] = request.master_user
    elif request.original_user and request.original_user != request.user:
        fields["auth_user"] = request.original_user
    return fields
