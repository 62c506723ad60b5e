"""Serves the auth client protocol: to our workers, and to Postfix, Exim and Chasquid."""

from __future__ import annotations

import os
import secrets
from itertools import count
from typing import TYPE_CHECKING, Final

import trio

from culver.auth.client import AuthExchange, Challenge, Failure, Outcome
from culver.auth.exchange import ServiceExchange
from culver.auth.lines import LineStream
from culver.auth.params import apply_params
from culver.auth.protocol import (
    VERSION,
    ProtocolError,
    check_version,
    decode_data,
    decode_fields,
    encode,
    encode_data,
    encode_fields,
    request_id,
)
from culver.auth.request import AuthRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trio.abc import Stream

    from culver.auth.mechanism import SaslMechanism
    from culver.auth.service import AuthService

EXCHANGE_TIMEOUT: Final = 150.0
"""Seconds from AUTH to the verdict, as Dovecot's; what takes longer is cancelled."""
MAX_EXCHANGES: Final = 5000
"""Of one connection at once; a worker has fewer clients in login."""

_CUIDS = count(1)
_CODES: Final = {
    "temporary": "temp_fail",
    "unauthorized": "authz_fail",
    "disabled": "user_disabled",
    "expired": "pass_expired",
    "invalid_base64": "invalid_base64",
}


class ClientConnection:
    """One client.  ``logins`` keeps finished requests for REQUEST on the master socket: only
    for workers, not for servers that just want a password checked."""

    def __init__(self, service: AuthService, stream: Stream, *, logins: bool) -> None:
        self._service = service
        self._lines = LineStream(stream)
        self._logins = logins
        self._cookie = secrets.token_hex(16)
        self._pid = ""
        self._minor: int | None = None
        self._exchanges: dict[str, tuple[ServiceExchange, trio.CancelScope]] = {}
        self._waiting: set[str] = set()

    async def serve(self) -> None:
        """Speak until the client goes.  Never raises for what the client does."""
        try:
            async with trio.open_nursery() as nursery:
                await self._lines.send(self._handshake())
                try:
                    await self._read(nursery)
                except ProtocolError as error:
                    self._service.notes.log(None, "error", f"auth client: {error}")
                await self._end()
                nursery.cancel_scope.cancel()
        except* trio.BrokenResourceError:
            pass
        finally:
            await self._lines.aclose()

    async def _end(self) -> None:
        for exchange, _ in self._exchanges.values():
            await exchange.abort()

    def _handshake(self) -> bytes:
        mechanisms = self._service.mechanisms.values()
        return b"".join(
            [
                encode("VERSION", *VERSION),
                *(encode("MECH", cls.name, *_flags(cls)) for cls in mechanisms),
                encode("SPID", str(os.getpid())),
                encode("CUID", str(next(_CUIDS))),
                encode("COOKIE", self._cookie),
                encode("DONE"),
            ]
        )

    async def _read(self, nursery: trio.Nursery) -> None:
        while (batch := await self._lines.read()) is not None:
            for words in batch:
                if self._pid:
                    await self._command(words, nursery)
                else:
                    self._take_handshake(words)

    def _take_handshake(self, words: list[str]) -> None:
        if self._minor is None:
            self._minor = check_version(words)
        elif words[0] == "CPID" and len(words) > 1:
            self._pid = request_id(words[1])
        else:
            raise ProtocolError(f"expected CPID, found {words[0][:40]!r}")

    async def _command(self, words: list[str], nursery: trio.Nursery) -> None:
        if words[0] == "AUTH" and len(words) >= 3:
            await self._begin(words, nursery)
        elif words[0] == "CONT" and len(words) >= 3:
            await self._go_on(request_id(words[1]), words[2], nursery)
        elif words[0] == "CANCEL" and len(words) >= 2:
            await self._cancel(request_id(words[1]))
        else:
            raise ProtocolError(f"broken command {words[0][:40]!r}; allowed: AUTH, CONT, CANCEL")

    async def _begin(self, words: list[str], nursery: trio.Nursery) -> None:
        ident, mechanism = request_id(words[1]), words[2]
        params = decode_fields(words[3:])
        if any(word.startswith("resp=") for word in words[3:-1]):
            raise ProtocolError("AUTH parameters after 'resp'")
        if "service" not in params or ident in self._exchanges:
            raise ProtocolError("AUTH without a service, or with an id that is in use")
        if len(self._exchanges) >= MAX_EXCHANGES:
            raise ProtocolError(f"more than {MAX_EXCHANGES} exchanges at once")
        request = AuthRequest(service=params["service"], final_response_ok=False)
        request.client_pid = int(self._pid)
        apply_params(request, params)
        exchange = self._service.begin(mechanism, request)
        if not isinstance(exchange, ServiceExchange):
            raise ProtocolError(f"unsupported mechanism {mechanism[:20]!r}")
        try:
            response = self._initial_response(params)
        except ValueError:
            await exchange.abort()
            await self._send_failure(
                ident, Failure(code="invalid_base64", reason="Invalid base64 data"), request
            )
            return
        self._exchanges[ident] = (exchange, trio.CancelScope())
        nursery.start_soon(self._step, ident, response)

    def _initial_response(self, params: dict[str, str]) -> bytes | None:
        text = params.get("resp")
        if text is None or (not text and (self._minor or 0) < 2):
            return None  # Exim sends an empty one where it means none
        return b"" if text in ("", "=") else decode_data(text)

    async def _go_on(self, ident: str, text: str, nursery: trio.Nursery) -> None:
        found = self._exchanges.get(ident)
        if found is None:
            await self._lines.send(encode("FAIL", ident, "reason=Authentication request timed out"))
            return
        failure, response = None, b""
        if ident not in self._waiting:
            failure = Failure(code="failed", reason="Unexpected continuation")
        try:
            response = decode_data(text)
        except ValueError:
            failure = Failure(code="invalid_base64", reason="Invalid base64 data")
        if failure is not None:
            await self._cancel(ident)
            await self._send_failure(ident, failure, found[0].request)
            return
        self._waiting.discard(ident)
        nursery.start_soon(self._step, ident, response)

    async def _cancel(self, ident: str) -> None:
        found = self._exchanges.pop(ident, None)
        self._waiting.discard(ident)
        if found is not None:
            found[1].cancel()
            await found[0].abort()

    async def _step(self, ident: str, response: bytes | None) -> None:
        if ident not in self._exchanges:
            return  # cancelled before it began
        exchange, _ = self._exchanges[ident]
        scope = trio.CancelScope(deadline=trio.current_time() + EXCHANGE_TIMEOUT)
        self._exchanges[ident] = (exchange, scope)
        outcome: Outcome | None = None
        with scope:
            outcome = await exchange.step(response)
        if outcome is not None and ident in self._exchanges:
            await self._reply(ident, exchange, outcome)
        elif self._exchanges.pop(ident, None):  # too slow; a cancelled one is gone already
            await exchange.abort()
            await self._lines.send(encode("FAIL", ident, "code=temp_fail"))

    async def _reply(self, ident: str, exchange: AuthExchange, outcome: Outcome) -> None:
        assert isinstance(exchange, ServiceExchange)
        if isinstance(outcome, Challenge):
            self._waiting.add(ident)
            await self._lines.send(encode("CONT", ident, encode_data(outcome.data)))
            return
        del self._exchanges[ident]
        if isinstance(outcome, Failure):
            await self._send_failure(ident, outcome, exchange.request)
            return
        fields = dict(outcome.fields)
        if outcome.data:
            fields["resp"] = encode_data(outcome.data)
        if self._logins:
            ticket = f"{self._pid} {ident} {self._cookie}"
            self._service.logins.add(ticket, exchange.request)
        else:
            # Only a proxying login server of ours needs the user's password back.
            for name in ("pass", "master"):
                fields.pop(name, None)
        await self._lines.send(encode("OK", ident, f"user={outcome.user}", *encode_fields(fields)))

    async def _send_failure(self, ident: str, failure: Failure, request: AuthRequest) -> None:
        await self._lines.send(encode("FAIL", ident, *_failure_words(failure, request)))


def _failure_words(failure: Failure, request: AuthRequest) -> Iterator[str]:
    user = request.user or request.original_user
    if user:
        yield f"user={user}"
    if "nodelay" in request.passdb:
        yield "nodelay"
    if failure.code in _CODES:
        yield f"code={_CODES[failure.code]}"
    if failure.reason:
        yield f"reason={failure.reason}"


def _flags(cls: type[SaslMechanism]) -> Iterator[str]:
    """What a MECH line tells (inventory R3-084)."""
    for flag in ("anonymous", "plaintext", "dictionary", "active", "private"):
        if getattr(cls, flag):
            yield flag
    if cls.forward_secrecy:
        yield "forward-secrecy"
    if cls.mutual_auth:
        yield "mutual-auth"
