"""COPY and UID COPY (RFC 3501 6.4.7, RFC 4315)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import Copied, CulverError, Mailbox
from culver_plugins.imap.answer import Answer, mistake, no
from culver_plugins.imap.wire import responses, sequence
from culver_plugins.imap.wire.copy import Copy

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Copy) -> Answer:
    """Copy all or none."""
    selected = session.mailbox()
    if not command.uid and selected.beyond(command.ids):
        return mistake("Invalid messageset")
    target = await open_target(session, command.mailbox)
    if isinstance(target, Answer):
        return target
    try:
        uids = selected.uids(command.ids, uid=command.uid)
        if not uids:
            return Answer(b"No messages found.")
        copied = await selected.mailbox.copy(selected.view, uids, target)
    finally:
        await target.close()
    return Answer(b"Copy completed.", copy_code(copied))


async def open_target(session: Session, name: str) -> Mailbox | Answer:
    """The mailbox, or NO [TRYCREATE] (RFC 3501 6.4.7)."""
    try:
        return await session.open(name)
    except CulverError as error:
        if error.code == "NONEXISTENT":
            return no(error.public, "TRYCREATE")
        raise


def copy_code(copied: Copied) -> bytes:
    """COPYUID; nothing when everything had vanished before it could be copied."""
    if not copied.source:
        return b""
    source = sequence.merge((uid, uid) for uid in copied.source)
    target = sequence.merge((uid, uid) for uid in copied.target)
    return responses.copy_uid(copied.uid_validity, source, target)
