"""How a password is stored, and how one is checked against it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal


class BadStoredPassword(ValueError):
    """What a database holds is not a password of the scheme that it names.

    The text is for the log and never repeats the password.
    """


class PasswordScheme(ABC):
    """One way of storing passwords.  Stateless; called from many threads at once.

    Schemes see raw data: ``{SHA256.HEX}``, ``{SHA256.B64}`` and the guess between the two are
    :class:`culver.auth.schemes.SchemeSet`'s work.  Passwords are Unicode texts whose undecodable
    bytes are surrogates (PEP 383); ``password.encode(errors="surrogateescape")`` gives what the
    client sent.
    """

    names: tuple[str, ...]
    """In capitals; the first one is its own, the others are aliases."""
    encoding: ClassVar[Literal["", "hex", "base64"]] = ""
    """How raw data becomes text when nothing else is said; empty: it is text."""
    size: ClassVar[int] = 0
    """Bytes of raw data when that never varies, else 0.  Lets hex and base64 be told apart."""
    cheap: ClassVar[bool] = False
    """Checking takes microseconds: it may be done in the event loop."""
    weak: ClassVar[bool] = False
    """Fast to break when the database leaks; for warnings."""

    @abstractmethod
    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Whether it is the password, in constant time where the password is compared.

        ``user`` is the name as the client sent it.  Raises :class:`BadStoredPassword`.
        """

    @abstractmethod
    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """Raw data for storing.  ``rounds`` 0 means the scheme's default; clamped to its range."""


class DeadScheme(PasswordScheme):
    """A scheme of the past: known by name so that the log can say what to do about it."""

    weak = True
    cheap = True

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Always raises :class:`BadStoredPassword`."""
        raise BadStoredPassword(self._why())

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """Always raises :class:`BadStoredPassword`."""
        raise BadStoredPassword(self._why())

    def _why(self) -> str:
        return (
            f"password scheme {self.names[0]} is no longer supported:"
            " give the user a new password in another scheme, such as BLF-CRYPT or ARGON2ID"
        )
