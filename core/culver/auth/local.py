"""The auth service in the same process: for ``culver demo``, tests and plugin authors."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import msgspec

from culver.auth.client import (
    AuthClient,
    AuthExchange,
    Failure,
    MechanismInfo,
    Outcome,
    Success,
    UserRecord,
)
from culver.auth.exchange import RefusedExchange
from culver.auth.gate import Gate, never
from culver.auth.request import AuthRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from culver.auth.service import AuthService
    from culver.net.connection import Connection


def request_of(service: str, connection: Connection) -> AuthRequest:
    """A fresh request with what the connection knows of its client."""
    tls = connection.tls
    return AuthRequest(
        service=service,
        session=connection.session_id,
        local_ip=connection.local_ip,
        remote_ip=connection.remote_ip,
        local_port=connection.local_port,
        remote_port=connection.remote_port,
        local_name=tls.server_name if tls else "",
        valid_client_cert=bool(tls and tls.client_cert_subject),
        secured="tls" if tls else ("secured" if connection.security else ""),
    )


class LocalAuth(AuthClient):
    """Calls the service's chains directly.

    ``plaintext_allowed(service, connection)`` is ``disable_plaintext_auth = no`` as the
    configuration has it for that connection.
    """

    def __init__(
        self,
        service: AuthService,
        plaintext_allowed: Callable[[str, Connection], bool] = never,
    ) -> None:
        self.service = service
        self._gate = Gate(plaintext_allowed)
        self._tickets = count(1)

    def mechanisms(self, service: str) -> tuple[MechanismInfo, ...]:
        """See :class:`AuthClient`."""
        return self.service.offer

    def allows(self, service: str, mechanism: MechanismInfo, connection: Connection) -> bool:
        """See :class:`AuthClient`."""
        return self._gate.allows(service, mechanism.plaintext, connection)

    def begin(self, service: str, mechanism: str, connection: Connection) -> AuthExchange:
        """See :class:`AuthClient`."""
        cls = self.service.mechanisms.get(mechanism.upper())
        if cls is not None and not self._gate.allows(service, cls.plaintext, connection):
            return RefusedExchange(Failure(code="privacy_required"))
        request = request_of(service, connection)
        exchange = self.service.begin(mechanism, request)
        return _LocalExchange(self, exchange, request)

    def remember(self, request: AuthRequest) -> str:
        """A ticket for a request that succeeded."""
        ticket = f"local {next(self._tickets)}"
        self.service.logins.add(ticket, request)
        return ticket

    async def lookup(
        self, service: str, user: str, connection: Connection, *, login: Success | None = None
    ) -> UserRecord | None:
        """See :class:`AuthClient`."""
        if login is not None:
            return await self.service.lookup_login(login.ticket)
        return await self.service.lookup_user(request_of(service, connection), user)


class _LocalExchange(AuthExchange):
    __slots__ = ("_client", "_inner", "_request")

    def __init__(self, client: LocalAuth, inner: AuthExchange, request: AuthRequest) -> None:
        self._client = client
        self._inner = inner
        self._request = request

    async def step(self, response: bytes | None) -> Outcome:
        outcome = await self._inner.step(response)
        if isinstance(outcome, Success):
            ticket = self._client.remember(self._request)
            return msgspec.structs.replace(outcome, ticket=ticket)
        return outcome

    async def abort(self) -> None:
        await self._inner.abort()
