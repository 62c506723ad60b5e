"""ID (RFC 2971)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_events.imap import ImapIdReceived
from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.id import Id

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

DEFAULTS = {"name": "culver"}
"""Values that ``*`` in ``imap_id_send`` stands for.  No version: it helps attackers most."""


async def run(session: Session, command: Id) -> Answer:
    """Say who we are, note who the client says it is."""
    if command.fields and session.scope.wants(ImapIdReceived):
        said = ", ".join(f"{name}={value or 'NIL'}" for name, value in command.fields)
        session.scope.emit(ImapIdReceived(external=said))
    session.write(responses.server_id(_fields(session.settings.id_send)))
    return Answer(b"ID completed.")


def _fields(setting: str) -> dict[bytes, bytes | None]:
    words = setting.split()
    pairs = zip(words[::2], words[1::2], strict=False)
    return {
        name.encode(): (DEFAULTS.get(name, "") if value == "*" else value).encode()
        for name, value in pairs
    }
