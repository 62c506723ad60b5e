"""What passdb and userdb drivers implement, and what they are given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import msgspec

from culver.auth.notes import SILENT, Notes
from culver.auth.passdb_fields import set_passdb_field
from culver.auth.result import PassdbResult, UserdbResult
from culver.auth.scheme import BadStoredPassword
from culver.auth.schemes import SchemeSet, UnknownScheme

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from culver.auth.request import AuthRequest
    from culver.auth.rules import PassdbRules, UserdbRules
    from culver.auth.variables import Template


class DriverError(ValueError):
    """The ``args`` of a driver make no sense: names driver, what was found, what is allowed."""


class DriverEnv(msgspec.Struct, kw_only=True, eq=False):
    """What drivers may use of the process they run in."""

    schemes: SchemeSet
    template: Callable[[str], Template]
    """Compiles a text with %variables; raises ValueError with a text for the admin."""
    notes: Notes = SILENT
    exists: Callable[[AuthRequest], Awaitable[PassdbResult]] | None = None
    """Ask the passdbs whether a user exists; None when there are none."""
    lone_userdb: bool = False
    """There is exactly one userdb: entries without userdb fields are worth a warning."""


class Passdb(ABC):
    """A place where passwords can be checked.

    One instance per ``passdb { }`` block; used by many tasks at once.  A driver reports with
    fields (:meth:`set_field`) and a result.  It never raises
    for what a database does: it logs through ``env.notes`` and returns INTERNAL_FAILURE.
    """

    name: ClassVar[str]
    """The word in ``driver = ...``."""
    default_scheme: str = "CRYPT"
    """Of passwords without ``{SCHEME}``."""
    credentials: ClassVar[bool] = True
    """:meth:`lookup` works: mechanisms like SCRAM, and lookups for LMTP, can use this passdb."""

    def __init__(self, args: str, rules: PassdbRules, env: DriverEnv) -> None:
        self.args = args
        self.rules = rules
        self.env = env

    @abstractmethod
    async def verify(self, request: AuthRequest, password: str) -> PassdbResult:
        """Find the user, set fields, check the password with :meth:`check`."""

    async def lookup(self, request: AuthRequest) -> PassdbResult:
        """Find the user and set fields, ``password`` too.  No password is checked."""
        return PassdbResult.SCHEME_NOT_AVAILABLE

    async def set_credentials(self, request: AuthRequest, stored: str) -> bool:
        """Replace a stored password (OTP); False when this passdb can't."""
        return False

    async def check(self, request: AuthRequest, password: str) -> PassdbResult:
        """Compare with the ``password`` field that was just set (inventory R3-044, R3-045)."""
        if request.password_verified:
            return PassdbResult.OK
        if self.rules.deny:
            return PassdbResult.PASSWORD_MISMATCH  # found: that is all a deny passdb tells
        if "nopassword" in request.passdb:
            return PassdbResult.OK
        if request.stored is None:
            self.env.notes.log(request, "info", "No password returned (and no nopassword)")
            return PassdbResult.PASSWORD_MISMATCH
        return await self._compare(request, password, request.stored.scheme, request.stored.value)

    async def _compare(
        self, request: AuthRequest, password: str, scheme: str, value: str
    ) -> PassdbResult:
        try:
            right = await self.env.schemes.verify(password, scheme, value, request.original_user)
        except (UnknownScheme, BadStoredPassword) as error:
            self.env.notes.log(request, "error", f"{self.name}: {error}")
            return PassdbResult.INTERNAL_FAILURE
        return PassdbResult.OK if right else PassdbResult.PASSWORD_MISMATCH

    def set_field(self, request: AuthRequest, name: str, value: str) -> None:
        """Set a passdb extra field with all that it implies (inventory 3.5)."""
        set_passdb_field(request, name, value, self.default_scheme, self.env.notes)

    async def aclose(self) -> None:  # noqa: B027 - optional
        """Let go of files and connections."""


class LookupPassdb(Passdb):
    """A passdb that can tell what is stored: :meth:`find` is all that is left to write."""

    @abstractmethod
    async def find(self, request: AuthRequest) -> PassdbResult:
        """Set the user's fields, ``password`` among them; OK when there is such a user."""

    async def verify(self, request: AuthRequest, password: str) -> PassdbResult:
        """Find, then compare."""
        result = await self.find(request)
        if result is not PassdbResult.OK:
            return result
        return await self.check(request, password)

    async def lookup(self, request: AuthRequest) -> PassdbResult:
        """Find."""
        return await self.find(request)


class Userdb(ABC):
    """A place that knows where users' mail is.  One instance per ``userdb { }`` block."""

    name: ClassVar[str]
    iterable: ClassVar[bool] = False
    """:meth:`iterate` works."""

    def __init__(self, args: str, rules: UserdbRules, env: DriverEnv) -> None:
        self.args = args
        self.rules = rules
        self.env = env

    @abstractmethod
    async def lookup(self, request: AuthRequest) -> UserdbResult:
        """Set fields with :func:`culver.auth.userdb_fields.set_userdb_field`."""

    def iterate(self, request: AuthRequest) -> AsyncIterator[str]:
        """Every user name, in no order.  Raises :class:`culver.errors.Unavailable`."""
        raise TypeError(f"userdb {self.name} cannot list users")

    async def aclose(self) -> None:  # noqa: B027 - optional
        """Let go of files and connections."""
