"""One SASL exchange with an auth service in another process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import trio

from culver.auth.client import AuthExchange, Challenge, Failure, Outcome, Success
from culver.auth.params import request_params
from culver.auth.protocol import decode_data, decode_fields, encode, encode_data
from culver.auth.remote_link import LOST, REPLY_TIMEOUT, ClientLink
from culver.errors import Unavailable

if TYPE_CHECKING:
    from culver.auth.client import FailureCode
    from culver.auth.lines import LineStream
    from culver.auth.request import AuthRequest

_CODES: Final[dict[str, FailureCode]] = {
    "temp_fail": "temporary",
    "authz_fail": "unauthorized",
    "user_disabled": "disabled",
    "pass_expired": "expired",
    "invalid_base64": "invalid_base64",
}
_TEMPORARY: Final = Failure(code="temporary")


class RemoteExchange(AuthExchange):
    """See :class:`AuthExchange`.  A lost connection is a temporary failure."""

    def __init__(self, link: ClientLink, mechanism: str, request: AuthRequest) -> None:
        self._link = link
        self._mechanism = mechanism
        self._request = request
        self._ident = ""
        self._over = False
        self._lines: LineStream | None = None
        self._source: trio.MemoryReceiveChannel[list[str]] | None = None

    async def step(self, response: bytes | None) -> Outcome:
        """Send and wait."""
        if self._over:
            return Failure(code="failed", reason="Authentication exchange is over")
        try:
            return self._outcome(await self._ask(response))
        except (Unavailable, trio.TooSlowError):
            self._end()
            return _TEMPORARY

    async def _ask(self, response: bytes | None) -> list[str]:
        """The reply's words.  Raises Unavailable, TooSlowError."""
        beginning = self._source is None
        try:
            return await self._ask_once(response)
        except LOST as error:
            if not beginning:
                raise Unavailable("UNAVAILABLE", "Internal error", "auth: gone") from error
        # The service died before it answered: its successor may be asked from the start.
        self._source = None
        try:
            return await self._ask_once(response)
        except LOST as error:
            raise Unavailable("UNAVAILABLE", "Internal error", "auth: gone twice") from error

    async def _ask_once(self, response: bytes | None) -> list[str]:
        try:
            source = await self._send(response)
            with trio.fail_after(REPLY_TIMEOUT):
                return await source.receive()
        except LOST:
            if self._lines is not None:
                self._link.lost(self._lines)
            self._link.forget(self._ident)
            raise

    async def _send(self, response: bytes | None) -> trio.MemoryReceiveChannel[list[str]]:
        if self._source is None or self._lines is None:
            self._lines = await self._link.ready()
            self._ident, self._source = self._link.subscribe()
            first = () if response is None else (f"resp={encode_data(response)}",)
            params = request_params(self._request)
            line = encode("AUTH", self._ident, self._mechanism, *params, *first)
        else:
            line = encode("CONT", self._ident, encode_data(response or b""))
        await self._lines.send(line)
        return self._source

    def _outcome(self, words: list[str]) -> Outcome:
        if words[0] == "CONT" and len(words) > 2:
            return Challenge(decode_data(words[2]))
        self._end()
        fields = decode_fields(words[2:])
        if words[0] == "OK":
            return self._success(fields)
        code = _CODES.get(fields.get("code", ""), "failed")
        return Failure(code=code, reason=fields.get("reason", ""))

    def _success(self, fields: dict[str, str]) -> Success:
        user = fields.pop("user", "")
        data = fields.pop("resp", "")
        return Success(
            user=user,
            original_user=fields.get("original_user", user),
            mechanism=self._mechanism,
            fields=fields,
            data=decode_data(data),
            ticket=f"{os.getpid()} {self._ident} {self._link.cookie}",
        )

    def _end(self) -> None:
        self._over = True
        self._link.forget(self._ident)

    async def abort(self) -> None:
        """Tell the service that nobody waits any more."""
        if self._lines is not None and self._ident and not self._over:
            self._end()
            try:
                await self._lines.send(encode("CANCEL", self._ident))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return  # it notices by itself
