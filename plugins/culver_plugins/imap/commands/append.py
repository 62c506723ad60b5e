"""APPEND (RFC 3501 6.3.11), of one message or several (RFC 3502), or put together (RFC 4469)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import Buffer, CulverError, Mailbox, NewMail, Saved, mime_binary
from culver_plugins.imap.answer import Answer, no
from culver_plugins.imap.catenating import BadUrl, write_parts
from culver_plugins.imap.wire import responses, sequence
from culver_plugins.imap.wire.append import Append, AppendMessage, CatText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from culver_plugins.imap.session import Session

CAPABILITIES = ("CATENATE", "MULTIAPPEND", "UIDPLUS", "URL-PARTIAL")


async def run(session: Session, command: Append) -> Answer:
    """Save all messages or none."""
    mailbox = await open_target(session, command.mailbox)
    if isinstance(mailbox, Answer):
        return mailbox
    try:
        saved = await save(session, mailbox, command)
    finally:
        await mailbox.close()
    if isinstance(saved, Answer):
        return saved
    return Answer(b"Append completed.", append_code(saved))


async def open_target(session: Session, name: str) -> Mailbox | Answer:
    """The mailbox, or NO [TRYCREATE] (RFC 3501 6.3.11)."""
    try:
        return await session.open(name)
    except CulverError as error:
        if error.code == "NONEXISTENT":
            return no(error.public, "TRYCREATE")
        raise


def append_code(saved: Sequence[Saved]) -> bytes:
    """APPENDUID."""
    uids = sequence.to_ranges(each.uid for each in saved)
    return responses.append_uid(saved[0].uid_validity, uids)


async def save(session: Session, mailbox: Mailbox, command: Append) -> Sequence[Saved] | Answer:
    """Save the messages, or tell why not."""
    streamed = iter(session.incoming.bodies())
    try:
        mails = [await _mail(session, each, streamed) for each in command.messages]
    except BadUrl as error:
        return no("Can't fetch the URL.", error.code)
    if any(not mail.size for mail in mails):
        return no("Can't save a zero byte message.")
    saved = await mailbox.append(mails)
    session.counters.appended += len(saved)
    return saved


async def _mail(session: Session, message: AppendMessage, streamed: Iterator[Buffer]) -> NewMail:
    date = message.date
    return NewMail(
        body=await _body(session, message, streamed),
        received=None if date is None else int(date.timestamp()),
        flags=message.flags.bits,
        keywords=message.flags.keywords,
    )


async def _body(session: Session, message: AppendMessage, streamed: Iterator[Buffer]) -> Buffer:
    binary = message.binary
    if message.parts is None:
        body = next(streamed) if message.data is None else message.data
    else:
        spool = session.incoming.spool()
        await write_parts(session, message.parts, streamed, spool)
        body = spool.buffer()
        binary = any(isinstance(part, CatText) and part.binary for part in message.parts)
    # Other clients can't read NULs, and BODY has to show all of it (RFC 3516 4.4).
    return mime_binary.without_binary(body[: len(body)]) if binary else body
