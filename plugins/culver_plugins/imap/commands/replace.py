"""REPLACE and UID REPLACE (RFC 8508)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import FlagChange
from culver_plugins.imap.answer import Answer, mistake, no
from culver_plugins.imap.commands.append import append_code, open_target, save
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.flags import DELETED
from culver_plugins.imap.wire.replace import Replace

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("REPLACE",)


async def run(session: Session, command: Replace) -> Answer:
    """Save the new message, then remove the old one: a failure leaves at least one of them."""
    selected = session.mailbox()
    if selected.view.read_only:
        return no("Mailbox is read-only.", "READ-ONLY")
    if not command.uid and selected.beyond(command.ids):
        return mistake("Invalid messageset")
    uids = selected.uids(command.ids, uid=command.uid)
    if not uids:
        return no("The message to be replaced doesn't exist.", "NONEXISTENT")
    mailbox = await open_target(session, command.mailbox)
    if isinstance(mailbox, Answer):
        return mailbox
    try:
        saved = await save(session, mailbox, command)
    finally:
        await mailbox.close()
    if isinstance(saved, Answer):
        return saved
    # RFC 8508 3.4: told before the expunge, so that a client knows one when it loses the other.
    session.write(responses.untagged_ok(b"Replacement message ready.", append_code(saved)))
    await selected.mailbox.store(selected.view, uids, FlagChange(mode="add", flags=DELETED))
    gone = await selected.mailbox.expunge(selected.view, uids)
    session.counters.expunged += len(gone)
    return Answer(b"Replace completed.")
