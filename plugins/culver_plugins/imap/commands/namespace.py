"""NAMESPACE (RFC 2342)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.namespace import Namespace

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("NAMESPACE",)


async def run(session: Session, command: Namespace) -> Answer:
    """Personal, other users', shared; hidden ones aren't told (inventory R5-053)."""
    lists: dict[str, list[tuple[str, str | None]]] = {"private": [], "shared": [], "public": []}
    for namespace in session.mail_user().namespaces:
        if not namespace.hidden:
            lists[namespace.type].append((namespace.prefix, namespace.separator))
    session.write(responses.namespace(lists["private"], lists["shared"], lists["public"]))
    return Answer(b"Namespace completed.")
