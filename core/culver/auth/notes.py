"""What the chains tell about their work: the seam between deciding and noticing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from culver.auth.request import AuthRequest
    from culver.auth.result import PassdbResult, UserdbResult

Level = Literal["debug", "info", "warning", "error"]


class Notes:
    """Hears of every lookup.  This one keeps silent; see :mod:`culver.auth.noticing`.

    Nothing here may raise or wait.
    """

    def log(self, request: AuthRequest | None, level: Level, text: str) -> None:
        """A line for the admin; never holds a password."""

    def passdb_started(self, request: AuthRequest, driver: str, ident: str) -> None:
        """A passdb is about to be asked."""

    def passdb_finished(
        self, request: AuthRequest, driver: str, ident: str, result: PassdbResult
    ) -> None:
        """The passdb of the last ``passdb_started`` has answered."""

    def userdb_started(self, request: AuthRequest, driver: str, ident: str) -> None:
        """A userdb is about to be asked."""

    def userdb_finished(
        self, request: AuthRequest, driver: str, ident: str, result: UserdbResult
    ) -> None:
        """The userdb of the last ``userdb_started`` has answered."""

    def request_finished(self, request: AuthRequest, success: bool, why: str, code: str) -> None:
        """An exchange has ended, before any delay.  Exactly one per exchange that began."""


SILENT = Notes()
