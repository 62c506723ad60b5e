"""Authentication as protocol services see it: the seam between a worker and the auth process.

Two implementations: one calls the chains in the same process, one speaks the auth protocol of
inventory 3.14 over a stream.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from culver.net.connection import Connection


class MechanismInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A SASL mechanism that the server offers."""

    name: str
    plaintext: bool = False
    """The password crosses the wire: only over TLS or from trusted networks."""
    anonymous: bool = False


class Challenge(msgspec.Struct, frozen=True):
    """The client has to answer this (decoded bytes)."""

    data: bytes


class Success(msgspec.Struct, frozen=True, kw_only=True):
    """Authenticated.  The login may go on with :meth:`AuthClient.lookup` of ``user``."""

    user: str
    original_user: str
    mechanism: str
    fields: Mapping[str, str] = {}
    """passdb extra fields the protocol needs: nologin, reason, proxy, host, ..."""
    data: bytes = b""
    """Final server data of the mechanism; empty when none."""
    ticket: str = ""
    """Names this login to :meth:`AuthClient.lookup`, which then knows what the passdb said of
    the user's mail (prefetch) and who logged in as whom.  Good once, for a few minutes."""


FailureCode: TypeAlias = Literal[
    "failed",
    "temporary",
    "expired",
    "disabled",
    "unauthorized",
    "privacy_required",
    "unsupported_mechanism",
    "invalid_base64",
    "aborted",
]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Not authenticated.  Came after the failure delay."""

    code: FailureCode
    reason: str = ""
    """A text that strangers may read; empty for the usual one."""


Outcome: TypeAlias = Challenge | Success | Failure


class AuthExchange(ABC):
    """One SASL exchange.  Call :meth:`step` until it returns Success or Failure."""

    @abstractmethod
    async def step(self, response: bytes | None) -> Outcome:
        """Hand over the client's (decoded) response; None at the start without initial response."""

    @abstractmethod
    async def abort(self) -> None:
        """The client cancelled or went away."""


class UserRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the userdbs say of a user that exists."""

    name: str
    fields: Mapping[str, str]
    """uid, gid, home, mail, and any setting to override."""


class AuthClient(ABC):
    """Ask the auth service.  Raises :class:`culver.errors.Unavailable` when it can't be reached."""

    @abstractmethod
    def mechanisms(self, service: str) -> tuple[MechanismInfo, ...]:
        """What the configuration offers, in the order of ``auth_mechanisms``."""

    @abstractmethod
    def begin(self, service: str, mechanism: str, connection: Connection) -> AuthExchange:
        """Start a SASL exchange for a client."""

    @abstractmethod
    def allows(self, service: str, mechanism: MechanismInfo, connection: Connection) -> bool:
        """Whether the mechanism may be used on this connection as it is now: plaintext ones only
        when it is secure or ``disable_plaintext_auth = no`` (inventory R1-065)."""

    def offered(self, service: str, connection: Connection) -> tuple[MechanismInfo, ...]:
        """What to announce to this client now."""
        return tuple(m for m in self.mechanisms(service) if self.allows(service, m, connection))

    @abstractmethod
    async def lookup(
        self, service: str, user: str, connection: Connection, *, login: Success | None = None
    ) -> UserRecord | None:
        """Ask the userdbs; None when nobody knows the user (LMTP, admin tools).

        After a login hand over its Success: ``user`` is then only for the log.
        """
