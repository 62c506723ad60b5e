"""MOVE and UID MOVE (RFC 6851)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer, mistake, no
from culver_plugins.imap.commands.copy import copy_code, open_target
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.copy import Copy

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("MOVE",)


async def run(session: Session, command: Copy) -> Answer:
    """Move; COPYUID comes before the expunges, which the session's sync tells (RFC 6851 4.3)."""
    selected = session.mailbox()
    if selected.view.read_only:
        return no("Mailbox is read-only.", "READ-ONLY")
    if not command.uid and selected.beyond(command.ids):
        return mistake("Invalid messageset")
    target = await open_target(session, command.mailbox)
    if isinstance(target, Answer):
        return target
    try:
        uids = selected.uids(command.ids, uid=command.uid)
        if not uids:
            return Answer(b"No messages found.")
        moved = await selected.mailbox.move(selected.view, uids, target)
    finally:
        await target.close()
    session.counters.expunged += len(moved.source)
    code = copy_code(moved)
    if code:
        session.write(responses.untagged_ok(b"Moved UIDs.", code))
    return Answer(b"Move completed.")
