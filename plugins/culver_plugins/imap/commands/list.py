"""LIST (RFC 3501 6.3.8, RFC 5258, RFC 5819, RFC 6154)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import CulverError, MailboxInfo
from culver_plugins.imap.answer import Answer
from culver_plugins.imap.commands.status import status_line
from culver_plugins.imap.listing import Row, attributes, patterns_of, select
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.list import List

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("CHILDREN", "LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE")


async def run(session: Session, command: List) -> Answer:
    """Tell the mailboxes that match."""
    if command.patterns == ("",) and not command.extended:
        session.write(root_line(session, b"LIST"))
        return Answer(b"List completed.")
    patterns = patterns_of(command.reference, command.patterns)
    subscribed = "SUBSCRIBED" in command.returns | command.selection
    for row in select(await session.mail_user().mailboxes(), patterns, command.selection):
        session.write(_line(row, subscribed=subscribed, extended=command.extended))
        if command.status and row.info.exists and row.info.selectable:
            await _status(session, row.info, command.status)
        await session.flush_if_full()
    return Answer(b"List completed.")


def root_line(session: Session, word: bytes) -> bytes:
    """``LIST "" ""``: only the separator and the root."""
    separator = next((each.separator for each in session.mail_user().namespaces), "/")
    return b'* %b (\\Noselect) "%b" ""\r\n' % (word, _quoted(separator))


def _quoted(separator: str) -> bytes:
    return separator.replace("\\", "\\\\").encode()


def _line(row: Row, *, subscribed: bool, extended: bool) -> bytes:
    info = row.info
    return responses.list_line(
        attributes(info, subscribed=subscribed, extended=extended),
        info.separator,
        info.name,
        child_info=row.child_info,
    )


async def _status(session: Session, info: MailboxInfo, items: tuple[str, ...]) -> None:
    try:
        session.write(await status_line(session, info.name, items))
    except CulverError:
        # RFC 5819 2: a mailbox whose status can't be had is listed without it.
        return
