"""Put one mail into one recipient's mailbox, and say what became of it."""

from __future__ import annotations

import errno
import time

import trio

from culver.plugin import (
    Buffer,
    CulverError,
    MailUser,
    NewMail,
    Refused,
    Saved,
    Server,
    Spool,
    Unavailable,
)
from culver_events.delivery import MailDeliveryFinished, MailDeliveryStarted
from culver_events.server import LogMessage
from culver_plugins.lmtp.recipient import Recipient
from culver_plugins.lmtp.settings import LdaSettings, LmtpSettings
from culver_plugins.lmtp.wire.reply import INTERNAL_ERROR, Reply

# What a refusal means to an MTA (RFC 3463); the rest is 5.2.0 or 4.2.0.
PERMANENT = {
    "OVERQUOTA": Reply(552, "5.2.2", "{}"),
    "TOOBIG": Reply(552, "5.2.3", "{}"),
    "LIMIT": Reply(552, "5.2.3", "{}"),
    "NOPERM": Reply(550, "5.7.1", "{}"),
}
TEMPORARY = {
    "OVERQUOTA": Reply(452, "4.2.2", "{}"),
    "LIMIT": Reply(452, "4.3.1", "{}"),
    "INUSE": Reply(451, "4.2.0", "{}"),
}


async def deliver(
    server: Server, recipient: Recipient, sender: str, headers: bytes, body: Buffer
) -> Reply:
    """Save the mail; the reply names the recipient.  Never raises for this recipient's sake:
    the others of the transaction get their own answer."""
    scope = recipient.scope
    scope.emit(MailDeliveryStarted())
    try:
        mailbox, saved = await _save(server, recipient, sender, headers, body)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        text = "Not enough disk space" if full else "Temporary internal error"
        scope.emit(MailDeliveryFinished(error=str(error), temporary=True))
        return _refusal(Unavailable("LIMIT" if full else "UNAVAILABLE", text), recipient)
    except CulverError as error:
        scope.emit(MailDeliveryFinished(error=str(error), temporary=isinstance(error, Unavailable)))
        return _refusal(error, recipient)
    except Exception as error:
        scope.emit(MailDeliveryFinished(error=repr(error), temporary=True))
        scope.emit(LogMessage(level="error", text=f"delivery failed: {error!r}"))
        return Reply(
            INTERNAL_ERROR.status,
            INTERNAL_ERROR.enhanced,
            f"<{recipient.address}> {INTERNAL_ERROR.text}",
        )
    scope.emit(MailDeliveryFinished(mailbox=mailbox, uid=saved.uid, storage_id=saved.guid))
    session = scope.get("session")
    return Reply(250, "2.0.0", f"<{recipient.address}> {session} Saved")


def _refusal(error: CulverError, recipient: Recipient) -> Reply:
    if isinstance(error, Unavailable):
        known = TEMPORARY.get(error.code, Reply(451, "4.2.0", "{}"))
    else:
        known = PERMANENT.get(error.code, Reply(552, "5.2.0", "{}"))
    return Reply(known.status, known.enhanced, f"<{recipient.address}> {error.public}")


async def _save(
    server: Server, recipient: Recipient, sender: str, headers: bytes, body: Buffer
) -> tuple[str, Saved]:
    user = await server.mail.user(
        recipient.record.name, dict(recipient.record.fields), recipient.scope
    )
    try:
        name = await _target(user, recipient)
        mailbox = await user.open(name)
        try:
            with Spool() as spool:
                whole = await _joined(headers, body, spool)
                mail = NewMail(body=whole, sender=sender, received=int(time.time()))
                saved = await mailbox.append([mail])
                return name, saved[0]
        finally:
            await mailbox.close()
    finally:
        await user.close()


async def _target(user: MailUser, recipient: Recipient) -> str:
    """INBOX, or the mailbox that the detail names if the settings say so: it exists, or may be
    created."""
    settings = user.config.get(LmtpSettings, protocol="lmtp")
    name = recipient.detail
    if not name or not settings.save_to_detail_mailbox:
        return "INBOX"
    try:
        mailbox = await user.open(name)
    except Refused as error:
        return await _created(user, name) if error.code == "NONEXISTENT" else "INBOX"
    await mailbox.close()
    return mailbox.name


async def _created(user: MailUser, name: str) -> str:
    settings = user.config.get(LdaSettings, protocol="lmtp")
    if not settings.mailbox_autocreate:
        return "INBOX"
    try:
        await user.create(name)
        if settings.mailbox_autosubscribe:
            await user.subscribe(name, True)
    except Refused as error:
        # Two deliveries may create it at the same time.
        return name if error.code == "ALREADYEXISTS" else "INBOX"
    return name


async def _joined(headers: bytes, body: Buffer, spool: Spool) -> Buffer:
    """The headers and the mail as one buffer; large mails on disk."""
    if isinstance(body, bytes):
        return headers + body
    return await trio.to_thread.run_sync(_join_large, headers, body, spool)


def _join_large(headers: bytes, body: Buffer, spool: Spool) -> Buffer:
    spool.write(headers)
    for start in range(0, len(body), 1 << 20):
        spool.write(body[start : start + (1 << 20)])
    return spool.buffer()
