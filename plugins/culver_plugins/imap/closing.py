"""The events that end a session: exactly one of login_aborted and mail_user_session_finished."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from culver_events.login import LoginAborted
from culver_events.session import MailUserSessionFinished

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


class Closing:
    """Collects why a session ends."""

    __slots__ = ("_session", "_started", "attempts", "first_attempt", "problem", "reason")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._started = time.monotonic_ns()
        self.reason = ""
        """What ended it, as the log says it; empty: the server shut down."""
        self.problem = "no_auth_attempts"
        """The last reason why there is no login yet (inventory R15-010)."""
        self.attempts = 0
        self.first_attempt = 0

    def attempted(self) -> None:
        """An authentication begins."""
        self.attempts += 1
        if self.first_attempt == 0:
            self.first_attempt = time.monotonic_ns()

    def auth_usecs(self) -> int:
        """Since the first attempt."""
        if not self.first_attempt:
            return 0
        return (time.monotonic_ns() - self.first_attempt) // 1000

    def connected_usecs(self) -> int:
        """Since the connection."""
        return (time.monotonic_ns() - self._started) // 1000

    def emit(self) -> None:
        """Tell the end.  Called once."""
        session = self._session
        connection = session.connection
        reason = self.reason or "Server shutting down."
        if session.user is None:
            session.scope.emit(
                LoginAborted(
                    reason=self.problem,
                    disconnect=reason,
                    auth_attempts=self.attempts,
                    auth_usecs=self.auth_usecs(),
                    connected_usecs=self.connected_usecs(),
                )
            )
            return
        counted = session.counters.variables(connection.bytes_in, connection.bytes_out)
        session.scope.emit(
            MailUserSessionFinished(
                net_in_bytes=connection.bytes_in,
                net_out_bytes=connection.bytes_out,
                reason=reason,
                statistics=session.settings.logout_format.template.expand(counted),
            )
        )
