"""The auth service in another process, asked over its two sockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from culver.auth.client import (
    AuthClient,
    AuthExchange,
    Failure,
    MechanismInfo,
    Success,
    UserRecord,
)
from culver.auth.exchange import RefusedExchange
from culver.auth.gate import Gate, never
from culver.auth.local import request_of
from culver.auth.params import request_params
from culver.auth.protocol import decode_fields
from culver.auth.remote_exchange import RemoteExchange
from culver.auth.remote_link import ClientLink, MasterLink
from culver.errors import Unavailable

if TYPE_CHECKING:
    import trio
    from trio.abc import Stream

    from culver.net.connection import Connection

Open = Callable[[], Awaitable["Stream"]]


class RemoteAuth(AuthClient):
    """Speaks the auth protocol; any number of requests share one connection.

    ``open_client`` and ``open_master`` connect to the ``login`` and the ``master`` socket.  A
    lost connection is opened again by the next request; requests that were under way fail with
    ``temporary`` or :class:`Unavailable`.  Call :meth:`connect` before anything else.
    """

    def __init__(
        self,
        nursery: trio.Nursery,
        open_client: Open,
        open_master: Open,
        plaintext_allowed: Callable[[str, Connection], bool] = never,
    ) -> None:
        self._client = ClientLink(nursery, open_client)
        self._master = MasterLink(nursery, open_master)
        self._gate = Gate(plaintext_allowed)

    async def connect(self) -> None:
        """Wait for the handshake, so that :meth:`mechanisms` has something to say.

        Raises :class:`Unavailable`.
        """
        await self._client.ready()

    def mechanisms(self, service: str) -> tuple[MechanismInfo, ...]:
        """What the service announced in its last handshake."""
        return self._client.mechanisms

    def allows(self, service: str, mechanism: MechanismInfo, connection: Connection) -> bool:
        """See :class:`AuthClient`."""
        return self._gate.allows(service, mechanism.plaintext, connection)

    def begin(self, service: str, mechanism: str, connection: Connection) -> AuthExchange:
        """See :class:`AuthClient`."""
        name = mechanism.upper()
        info = next((m for m in self._client.mechanisms if m.name == name), None)
        if info is None:
            return RefusedExchange(Failure(code="unsupported_mechanism"))
        if not self._gate.allows(service, info.plaintext, connection):
            return RefusedExchange(Failure(code="privacy_required"))
        return RemoteExchange(self._client, name, request_of(service, connection))

    async def lookup(
        self, service: str, user: str, connection: Connection, *, login: Success | None = None
    ) -> UserRecord | None:
        """See :class:`AuthClient`."""
        if login is not None:
            words = await self._master.ask("REQUEST", *login.ticket.split(" "))
        else:
            words = await self._master.ask(
                "USER", user, *request_params(request_of(service, connection))
            )
        if words[0] == "USER":
            return _record(words)
        if words[0] == "NOTFOUND":
            return None
        reason = decode_fields(words[2:]).get("reason", "Internal error")
        raise Unavailable("UNAVAILABLE", reason, "auth lookup failed")


def _record(words: list[str]) -> UserRecord:
    return UserRecord(name=words[2], fields=decode_fields(words[3:]))
