"""ENABLE (RFC 5161)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.enable import Enable

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

SWITCHES = ("CONDSTORE", "QRESYNC")
"""What can be enabled; other names are ignored, as RFC 5161 3.1 wants it."""


async def run(session: Session, command: Enable) -> Answer:
    """Switch on what is known and new.  Before login it does nothing, as in Dovecot."""
    if session.user is None:
        return Answer(b"ENABLE ignored in non-authenticated state.")
    new = [name for name in command.names if name in SWITCHES and name not in session.enabled]
    session.enabled.update(new)
    if new:
        session.enable_condstore()  # QRESYNC implies it (RFC 7162 3.2.3)
    session.write(responses.enabled(name.encode() for name in new))
    return Answer(b"Enabled.")
