"""SELECT (RFC 3501 6.3.1, RFC 7162 3.1.8), and EXAMINE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from culver.plugin import MailboxStatus
from culver_plugins.imap.answer import Answer, mistake
from culver_plugins.imap.resync import resynchronize
from culver_plugins.imap.selected import Selected
from culver_plugins.imap.updates import write_known_flags
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.select import Select

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("CONDSTORE", "QRESYNC")


async def run(session: Session, command: Select) -> Answer:
    """Open for reading and writing."""
    return await open_mailbox(session, command, read_only=False)


async def open_mailbox(session: Session, command: Select, *, read_only: bool) -> Answer:
    """Select, and tell what the client needs to know of the mailbox.

    A SELECT that fails leaves no mailbox selected.
    """
    if command.qresync is not None and not session.qresync:
        return mistake("QRESYNC not enabled.")
    if session.selected is not None:
        await session.unselect()
        # Untagged responses behind it belong to the new mailbox (RFC 7162 3.2.11).
        session.write(responses.untagged_ok(b"Previous mailbox closed.", b"CLOSED"))
    if command.condstore or command.qresync is not None:
        session.enable_condstore()
    mailbox = await session.open(command.mailbox)
    try:
        # The status first: UIDNEXT must not be above a message that the view doesn't hold.
        status = await mailbox.status()
        view = await mailbox.open_view(read_only=read_only)
    except BaseException:
        await mailbox.close()
        raise
    selected = session.selected = Selected(mailbox, view, status)
    _tell(session, selected, status)
    if command.qresync is not None:
        await resynchronize(session, selected, command.qresync)
    if read_only:
        return Answer(b"Examine completed.", b"READ-ONLY")
    return Answer(b"Select completed.", b"READ-WRITE")


def _tell(session: Session, selected: Selected, status: MailboxStatus) -> None:
    view = selected.view
    write_known_flags(session, selected)
    session.write(responses.exists(len(view)))
    session.write(responses.recent(len(view.recent)))
    unseen = int(np.searchsorted(view.uids, status.first_unseen_uid))
    if status.first_unseen_uid and unseen < len(view):
        session.write(responses.numbered(b"UNSEEN", unseen + 1, b"First unseen."))
    session.write(responses.numbered(b"UIDVALIDITY", status.uid_validity, b"UIDs valid"))
    session.write(responses.numbered(b"UIDNEXT", selected.uid_next, b"Predicted next UID"))
    session.write(responses.numbered(b"HIGHESTMODSEQ", view.highest_modseq, b"Highest"))
    if status.guid:
        session.write(responses.untagged_ok(b"Ok", responses.mailbox_id(status.guid)))
