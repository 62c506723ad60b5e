"""SASL mechanisms as pure machines: bytes in, a wish out, the verdict back in (RFC 4422)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, TypeAlias

import msgspec

from culver.auth.client import Challenge
from culver.auth.result import PassdbResult


class VerifyPlain(msgspec.Struct, frozen=True):
    """Is this the password?  Answered with a :class:`Verdict`."""

    authid: str
    password: str
    authzid: str = ""
    """Whom to act as, empty for oneself (RFC 4422 3.4.1)."""


class NeedCredentials(msgspec.Struct, frozen=True):
    """What is stored for this user, in the first of these schemes that can be had?

    Answered with a :class:`Credentials`.  A PLAIN password is turned into any scheme.
    """

    authid: str
    schemes: tuple[str, ...]
    authzid: str = ""


class Done(msgspec.Struct, frozen=True):
    """The client has proved who it is."""

    data: bytes = b""
    """Final server data, empty when the mechanism has none."""


class Failed(msgspec.Struct, frozen=True):
    """The exchange is over, without success."""

    why: str = ""
    """For the log; empty when the databases have already said it."""
    temporary: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """The answer to :class:`VerifyPlain`."""

    result: PassdbResult

    @property
    def ok(self) -> bool:
        """The password is right and nothing else forbids the login."""
        return self.result is PassdbResult.OK


class Credentials(msgspec.Struct, frozen=True):
    """The answer to :class:`NeedCredentials`."""

    result: PassdbResult
    scheme: str = ""
    raw: bytes = b""
    user: str = ""
    """The user's name as the databases have it."""


Answer: TypeAlias = Verdict | Credentials
Step: TypeAlias = Challenge | VerifyPlain | NeedCredentials | Done | Failed


class SaslMechanism(ABC):
    """One exchange.  Made per exchange; no I/O, no clock.

    The service calls :meth:`step` with what the client sent until it gets Done or Failed.  For
    VerifyPlain and NeedCredentials it asks the databases and hands the answer to
    :meth:`resume`, whose result is handled in the same way.
    """

    name: ClassVar[str]
    """As registered with IANA, in capitals."""
    plaintext: ClassVar[bool] = False
    """The password crosses the wire."""
    anonymous: ClassVar[bool] = False
    dictionary: ClassVar[bool] = False
    """Listeners can run a dictionary attack against what they hear."""
    active: ClassVar[bool] = False
    """Open to active attackers."""
    forward_secrecy: ClassVar[bool] = False
    mutual_auth: ClassVar[bool] = False
    private: ClassVar[bool] = False
    """Never announced to clients (APOP)."""
    allows_nul: ClassVar[bool] = False
    """NUL may be in a response; elsewhere it fails the exchange before :meth:`step`."""

    @abstractmethod
    def step(self, response: bytes | None) -> Step:
        """What the client sent, decoded; None at the start without an initial response."""

    def resume(self, answer: Answer) -> Step:
        """The databases' answer to the wish of the last step."""
        if answer.result is PassdbResult.OK:
            return Done()
        return Failed(temporary=answer.result is PassdbResult.INTERNAL_FAILURE)
