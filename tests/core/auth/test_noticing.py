"""What happens in auth, as events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from culver.auth.noticing import EventNotes
from culver.auth.request import AuthRequest
from culver.auth.result import PassdbResult, UserdbResult
from culver_events.scope import Scope

if TYPE_CHECKING:
    from culver_events.event import Event


class Heard:
    """Keeps what is emitted."""

    def __init__(self) -> None:
        self.events: list[tuple[Scope, Event]] = []

    def wants(self, cls: type[Event], /) -> bool:
        return True

    def emit(self, scope: Scope, event: Event, /) -> None:
        self.events.append((scope, event))


@pytest.mark.parametrize(("verbose", "level"), [(False, "debug"), (True, "info")])
def test_events(verbose: bool, level: str) -> None:
    heard = Heard()
    notes = EventNotes(Scope(emitter=heard), verbose=verbose)
    request = AuthRequest(
        service="imap", user="bob", mechanism="PLAIN", remote_ip="192.0.2.7", password="hidden"
    )
    notes.passdb_started(request, "static", "1")
    notes.passdb_finished(request, "static", "1", PassdbResult.PASSWORD_MISMATCH)
    notes.userdb_started(request, "static", "2")
    notes.userdb_finished(request, "static", "2", UserdbResult.OK)
    notes.request_finished(request, False, "password_mismatch", "auth_failed")
    notes.log(request, "info", "unknown user")
    notes.log(None, "error", "broken")

    names = [type(event).__name__ for _, event in heard.events]
    assert names == [
        "AuthPassdbRequestStarted",
        "AuthPassdbRequestFinished",
        "AuthUserdbRequestStarted",
        "AuthUserdbRequestFinished",
        "AuthRequestFinished",
        "LogMessage",
        "LogMessage",
    ]
    values: list[dict[str, Any]] = [scope.fields() for scope, _ in heard.events]
    assert values[1]["passdb_driver"] == "static"
    assert values[3]["userdb_id"] == 2
    for fields in values[:6]:
        assert (fields["user"], fields["protocol"], fields["remote_ip"]) == (
            "bob",
            "imap",
            "192.0.2.7",
        )
    assert "hidden" not in str(values)
    assert heard.events[5][1].level == level  # type: ignore[attr-defined]
