"""APPEND (RFC 3501 6.3.11), of one message or several (RFC 3502)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import Buffer, CulverError, NewMail, mime_binary
from culver_plugins.imap.answer import Answer, no
from culver_plugins.imap.wire import responses, sequence
from culver_plugins.imap.wire.append import Append, AppendMessage

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("MULTIAPPEND", "UIDPLUS")


async def run(session: Session, command: Append) -> Answer:
    """Save all messages or none."""
    try:
        mailbox = await session.open(command.mailbox)
    except CulverError as error:
        if error.code == "NONEXISTENT":
            return no(error.public, "TRYCREATE")
        raise
    try:
        mails = _mails(session, command)
        if any(not mail.size for mail in mails):
            return no("Can't save a zero byte message.")
        saved = await mailbox.append(mails)
    finally:
        await mailbox.close()
    session.counters.appended += len(saved)
    uids = sequence.to_ranges(each.uid for each in saved)
    return Answer(b"Append completed.", responses.append_uid(saved[0].uid_validity, uids))


def _mails(session: Session, command: Append) -> list[NewMail]:
    streamed = iter(session.incoming.bodies())
    return [
        _mail(each, next(streamed) if each.data is None else each.data) for each in command.messages
    ]


def _mail(message: AppendMessage, body: Buffer) -> NewMail:
    date = message.date
    return NewMail(
        # Other clients can't read NULs, and BODY has to show all of it (RFC 3516 4.4).
        body=mime_binary.without_binary(body[: len(body)]) if message.binary else body,
        received=None if date is None else int(date.timestamp()),
        flags=message.flags.bits,
        keywords=message.flags.keywords,
    )
