"""STATUS (RFC 3501 6.3.10, RFC 8438)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.status import Status

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("APPENDLIMIT", "STATUS=SIZE")


async def run(session: Session, command: Status) -> Answer:
    """Tell counts of a mailbox without selecting it."""
    session.write(await status_line(session, command.mailbox, command.items))
    return Answer(b"Status completed.")


async def status_line(session: Session, name: str, items: tuple[str, ...]) -> bytes:
    """The untagged STATUS of one mailbox."""
    if "HIGHESTMODSEQ" in items:
        session.enable_condstore()
    mailbox = await session.open(name)
    try:
        status = await mailbox.status(size="SIZE" in items or "X-SIZE" in items)
    finally:
        await mailbox.close()
    values: dict[str, int | bytes] = {
        "MESSAGES": status.messages,
        "RECENT": status.recent,
        "UIDNEXT": status.uid_next,
        "UIDVALIDITY": status.uid_validity,
        "UNSEEN": status.unseen,
        "HIGHESTMODSEQ": status.highest_modseq,
        "SIZE": status.size,
        "X-SIZE": status.size,
        "X-GUID": status.guid.encode(),
        "DELETED": status.deleted,
        "MAILBOXID": b"(%b)" % status.guid.encode(),
        # RFC 7889 4: there is no limit of this mailbox's own.
        "APPENDLIMIT": b"NIL",
    }
    return responses.status(name, {item: values[item] for item in items})
