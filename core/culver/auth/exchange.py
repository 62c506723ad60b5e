"""One SASL exchange on the side of the databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import trio

from culver.auth.client import AuthExchange, Challenge, Failure, Outcome, Success
from culver.auth.mechanism import (
    Answer,
    Credentials,
    Done,
    Failed,
    NeedCredentials,
    SaslMechanism,
    Step,
    Verdict,
    VerifyPlain,
)
from culver.auth.result import PassdbResult
from culver.auth.username import BadUsername

if TYPE_CHECKING:
    from culver.auth.request import AuthRequest
    from culver.auth.service import AuthService

_UNKNOWN: Final = PassdbResult.USER_UNKNOWN
# The result of an exchange in the words of the event field error_code.
_WORDS: Final = {
    "failed": "auth_failed",
    "temporary": "temp_fail",
    "expired": "pass_expired",
    "disabled": "user_disabled",
    "unauthorized": "authz_fail",
}


class ServiceExchange(AuthExchange):
    """Runs a mechanism against the chains, and delays failures.

    ``request`` and, once it is over, ``result`` say what the databases said.
    """

    __slots__ = ("_final", "_mechanism", "_over", "_service", "request", "result")

    def __init__(
        self, service: AuthService, mechanism: SaslMechanism, request: AuthRequest
    ) -> None:
        self.request = request
        self.result = _UNKNOWN
        self._service = service
        self._mechanism = mechanism
        self._final: bytes | None = None
        self._over = False

    async def step(self, response: bytes | None) -> Outcome:
        """Feed the mechanism; see :class:`AuthExchange`."""
        began = trio.current_time()
        if self._over:
            return Failure(code="failed", reason="Authentication exchange is over")
        if self._final is not None:  # the client has acknowledged the final server data
            return self._succeed(b"")
        if response is not None and b"\0" in response and not self._mechanism.allows_nul:
            step: Step = Failed("Unexpected NUL in response")
        else:
            step = self._mechanism.step(response)
        while isinstance(step, VerifyPlain | NeedCredentials):
            step = self._mechanism.resume(await self._ask(step))
        if isinstance(step, Challenge):
            return step
        if isinstance(step, Done):
            return self._finish(step)
        return await self._fail(step, began)

    async def abort(self) -> None:
        """The client went away or cancelled: no verdict, no delay."""
        if not self._over:
            self._over = True
            self._service.notes.request_finished(self.request, False, "aborted", "aborted")

    async def _ask(self, wish: VerifyPlain | NeedCredentials) -> Answer:
        try:
            self._take_names(wish.authid, wish.authzid)
        except BadUsername as error:
            self._service.notes.log(self.request, "info", str(error))
            return Verdict(_UNKNOWN) if isinstance(wish, VerifyPlain) else Credentials(_UNKNOWN)
        chain = self._service.passdbs
        if isinstance(wish, VerifyPlain):
            self.result = await chain.verify(self.request, wish.password)
            return Verdict(self.result)
        answer = await chain.credentials(self.request, wish.schemes)
        self.result = answer.result
        return answer

    def _take_names(self, authid: str, authzid: str) -> None:
        names = self._service.usernames
        names.set_user(self.request, authid)
        if authzid and authzid != authid:
            names.set_login_user(self.request, authzid)

    def _finish(self, done: Done) -> Outcome:
        if done.data and not self.request.final_response_ok:
            self._final = done.data
            return Challenge(done.data)
        return self._succeed(done.data)

    def _succeed(self, data: bytes) -> Success:
        request = self.request
        self._over = True
        request.authenticated = True
        self._service.notes.request_finished(request, True, "", "")
        return Success(
            user=request.user,
            original_user=request.original_user,
            mechanism=request.mechanism,
            fields=reply_fields(request),
            data=data,
        )

    async def _fail(self, failed: Failed, began: float) -> Failure:
        request = self.request
        self._over = True
        failure = self._failure(failed)
        why = failed.why or self.result.value
        self._service.notes.request_finished(request, False, why, _WORDS[failure.code])
        if "nodelay" not in request.passdb:
            await self._service.delay.wait(began)
        return failure

    def _failure(self, failed: Failed) -> Failure:
        reason = self.request.passdb.get("reason")
        if failed.temporary or self.result is PassdbResult.INTERNAL_FAILURE:
            return Failure(code="temporary", reason=reason)
        if self.request.master_user:
            # The master user is who he says; he just can't be that other one.
            return Failure(code="unauthorized", reason=reason)
        if self.result is PassdbResult.USER_DISABLED:
            return Failure(code="disabled", reason=reason)
        if self.result is PassdbResult.PASS_EXPIRED:
            return Failure(code="expired", reason=reason)
        return Failure(code="failed", reason=reason)


class RefusedExchange(AuthExchange):
    """An exchange that may not begin."""

    __slots__ = ("_failure",)

    def __init__(self, failure: Failure) -> None:
        self._failure = failure

    async def step(self, response: bytes | None) -> Outcome:
        """Always the failure."""
        return self._failure

    async def abort(self) -> None:
        """Nothing to give up."""


def reply_fields(request: AuthRequest) -> dict[str, str]:
    """What clients of the auth service may know: extra fields, and who is who."""
    fields = request.passdb.visible()
    # What login code reads as a flag is a flag: "nologin=no" is true (R3-050).
    for flag in ("nologin", "proxy"):
        if flag in fields:
            fields[flag] = ""
    if request.original_user and request.original_user != request.user:
        fields.setdefault("original_user", request.original_user)
    if request.master_user:
        fields.setdefault("auth_user", request.master_user)
    if "proxy" in fields:
        fields.setdefault("pass", request.password)
        if request.master_user:
            fields.setdefault("master", request.master_user)
    return fields
