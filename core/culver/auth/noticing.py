"""The chains' notes as events (inventory section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.auth.notes import Level, Notes
from culver_events.auth import (
    AuthPassdbRequestFinished,
    AuthPassdbRequestStarted,
    AuthRequestFinished,
    AuthUserdbRequestFinished,
    AuthUserdbRequestStarted,
)
from culver_events.server import LogMessage

if TYPE_CHECKING:
    from culver.auth.request import AuthRequest
    from culver.auth.result import PassdbResult, UserdbResult
    from culver_events.scope import Scope


class EventNotes(Notes):
    """Emits in a scope per request below ``root``; passwords never get here.

    ``verbose`` is ``auth_verbose``: reasons of failed logins are worth a line of their own.
    """

    def __init__(self, root: Scope, *, verbose: bool = False) -> None:
        self._root = root
        self._verbose = verbose

    def log(self, request: AuthRequest | None, level: Level, text: str) -> None:
        """A line; reasons of failures (info) only with ``auth_verbose``."""
        if level == "info" and not self._verbose:
            level = "debug"
        if self._root.wants(LogMessage):
            scope = self._root if request is None else self._scope(request)
            scope.emit(LogMessage(level=level, text=text))

    def passdb_started(self, request: AuthRequest, driver: str, ident: str) -> None:
        """See :class:`Notes`."""
        if self._root.wants(AuthPassdbRequestStarted):
            self._passdb(request, driver, ident).emit(AuthPassdbRequestStarted())

    def passdb_finished(
        self, request: AuthRequest, driver: str, ident: str, result: PassdbResult
    ) -> None:
        """See :class:`Notes`."""
        if self._root.wants(AuthPassdbRequestFinished):
            scope = self._passdb(request, driver, ident)
            scope.emit(AuthPassdbRequestFinished(result=result.value))

    def userdb_started(self, request: AuthRequest, driver: str, ident: str) -> None:
        """See :class:`Notes`."""
        if self._root.wants(AuthUserdbRequestStarted):
            self._userdb(request, driver, ident).emit(AuthUserdbRequestStarted())

    def userdb_finished(
        self, request: AuthRequest, driver: str, ident: str, result: UserdbResult
    ) -> None:
        """See :class:`Notes`."""
        if self._root.wants(AuthUserdbRequestFinished):
            scope = self._userdb(request, driver, ident)
            scope.emit(AuthUserdbRequestFinished(result=result.value))

    def request_finished(self, request: AuthRequest, success: bool, why: str, code: str) -> None:
        """See :class:`Notes`."""
        if self._root.wants(AuthRequestFinished):
            event = AuthRequestFinished(success=success, error=why or None, error_code=code or None)
            self._scope(request).emit(event)

    def _passdb(self, request: AuthRequest, driver: str, ident: str) -> Scope:
        scope = self._scope(request)
        scope.set(passdb_driver=driver, passdb_id=int(ident), passdb=ident)
        return scope

    def _userdb(self, request: AuthRequest, driver: str, ident: str) -> Scope:
        scope = self._scope(request)
        scope.set(userdb_driver=driver, userdb_id=int(ident), userdb=ident)
        return scope

    def _scope(self, request: AuthRequest) -> Scope:
        scope = self._root.child()
        scope.set(
            user=request.user or None,
            original_user=request.original_user or None,
            translated_user=request.translated_user or None,
            login_user=request.login_user or None,
            master_user=request.master_user or None,
            mechanism=request.mechanism or None,
            protocol=request.service or None,
            session=request.session or None,
            local_name=request.local_name or None,
            transport={"tls": "TLS", "secured": "trusted"}.get(request.secured, "insecure"),
            **_addresses(request),
        )
        return scope


def _addresses(request: AuthRequest) -> dict[str, str | int | None]:
    return {
        "local_ip": request.local_ip or None,
        "remote_ip": request.remote_ip or None,
        "local_port": request.local_port or None,
        "remote_port": request.remote_port or None,
        "real_local_ip": request.real_local_ip or None,
        "real_remote_ip": request.real_remote_ip or None,
    }
