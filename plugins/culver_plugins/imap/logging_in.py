"""From a SASL exchange to an open user: what LOGIN and AUTHENTICATE share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from culver.plugin import AuthExchange, Challenge, Failure, MechanismInfo, Success
from culver_events.login import LoginSucceeded
from culver_plugins.imap.answer import Answer, no
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.events import AuthResponse

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

# What a failed authentication is called to the client (RFC 5530; inventory R3-113) and in
# login_aborted (inventory R15-010).
_FAILURES = {
    "failed": ("AUTHENTICATIONFAILED", "Authentication failed.", "auth_failed"),
    "temporary": ("UNAVAILABLE", "Temporary authentication failure.", "temp_fail"),
    "expired": ("EXPIRED", "Password expired.", "password_expired"),
    "disabled": ("CONTACTADMIN", "Account is disabled.", "user_disabled"),
    "unauthorized": ("AUTHORIZATIONFAILED", "Authorization failed.", "authorization_failed"),
    "privacy_required": (
        "PRIVACYREQUIRED",
        "Cleartext authentication disallowed on non-secure (SSL/TLS) connections.",
        "cleartext_auth_disabled",
    ),
    "unsupported_mechanism": ("", "Unsupported authentication mechanism.", "invalid_mech"),
}

_EXPOSED = (
    b"Plaintext authentication not allowed without SSL/TLS, but your client did it anyway. "
    b"If anyone was listening, the password was exposed."
)


async def authenticate(session: Session, mechanism: str, initial: bytes | None) -> Answer:
    """Run the exchange; open the user's mail when it succeeds."""
    closing = session.closing
    closing.attempted()
    refused = _refused(session, mechanism, initial)
    if refused is not None:
        return refused
    exchange = session.server.auth.begin("imap", mechanism, session.connection)
    outcome = await exchange.step(initial)
    while isinstance(outcome, Challenge):
        response = await _challenge(session, outcome.data)
        if response is None or response.data is None:
            await exchange.abort()
            closing.problem = "sasl_not_finished"
            wrong = response is not None and response.invalid
            text = (
                b"Invalid base64 data in continued response" if wrong else b"Authentication aborted"
            )
            return Answer(text, status=b"BAD")
        outcome = await exchange.step(response.data)
    if isinstance(outcome, Failure):
        return _failure(session, outcome)
    return await _finish(session, outcome, exchange)


def _refused(session: Session, mechanism: str, initial: bytes | None) -> Answer | None:
    offered = {each.name: each for each in session.service.mechanisms()}
    found: MechanismInfo | None = offered.get(mechanism)
    if found is None:
        return _failure(session, Failure(code="unsupported_mechanism"))
    if not session.server.auth.allows("imap", found, session.connection):
        if initial is not None:
            session.write(responses.tagged(b"*", b"BAD", _EXPOSED, b"ALERT"))
        return _failure(session, Failure(code="privacy_required"))
    return None


async def _challenge(session: Session, data: bytes) -> AuthResponse | None:
    session.machine.challenge(data)
    event = await session.next_event()
    assert event is None or isinstance(event, AuthResponse), "the machine reads nothing else"
    return event


def _failure(session: Session, failure: Failure) -> Answer:
    if failure.code in ("invalid_base64", "aborted"):
        session.closing.problem = "sasl_not_finished"
        return Answer(b"Invalid authentication exchange", status=b"BAD")
    code, text, problem = _FAILURES[failure.code]
    session.closing.problem = problem
    return no(failure.reason or text, code)


async def _finish(session: Session, success: Success, exchange: AuthExchange) -> Answer:
    if success.data:
        # RFC 3501 has no place for data with success: it is a challenge with an empty answer.
        response = await _challenge(session, success.data)
        if response is None or response.data is None:
            return Answer(b"Authentication aborted", status=b"BAD")
    if "nologin" in success.fields:
        session.closing.problem = "login_disabled"
        return no(success.fields.get("reason") or "Login disabled.", "CONTACTADMIN")
    record = await session.server.auth.lookup(
        "imap", success.user, session.connection, login=success
    )
    if record is None:
        session.closing.problem = "authorization_failed"
        return no("Authentication failed.", "AUTHENTICATIONFAILED")
    session.scope.set(user=record.name, mechanism=success.mechanism)
    session.user = await session.server.mail.user(record.name, dict(record.fields), session.scope)
    closing = session.closing
    session.scope.emit(
        LoginSucceeded(
            mail_pid=os.getpid(),
            auth_attempts=closing.attempts,
            auth_usecs=closing.auth_usecs(),
            connected_usecs=closing.connected_usecs(),
        )
    )
    return Answer(b"Logged in", responses.capability_code(session.service.capabilities(session)))
