"""RCPT TO: is there such a user (RFC 5321 4.1.1.3)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import CulverError, MailSettings
from culver_events.smtp import SmtpServerTransactionRcptFinished
from culver_plugins.lmtp.recipient import Recipient, split_detail
from culver_plugins.lmtp.wire.command import SyntaxProblem, parse_path
from culver_plugins.lmtp.wire.reply import BAD_SEQUENCE, Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session, Transaction

PARAMS = ("NOTIFY", "ORCPT")

MAX_RECIPIENTS = 1000
"""RFC 5321 4.5.3.1.8 asks for at least 100; Dovecot's lmtp has no limit below its memory."""


async def run(session: Session, rest: str) -> list[Reply]:
    transaction = session.transaction
    if transaction is None:
        return [Reply(503, "5.5.1", "MAIL needed first")]
    if transaction.chunked:
        return [BAD_SEQUENCE]  # RFC 3030 2: the recipients are complete
    try:
        envelope = parse_path(rest, "TO:", null=False)
    except SyntaxProblem as problem:
        return [Reply(501, "5.5.4", str(problem))]
    for name in envelope.params:
        if name not in PARAMS:
            return [Reply(555, "5.5.4", f"Unsupported parameter for RCPT: {name}")]
    if len(transaction.recipients) >= MAX_RECIPIENTS:
        return [Reply(452, "4.5.3", f"Too many recipients: at most {MAX_RECIPIENTS}")]
    reply = await _accept(session, transaction, envelope.address)
    if reply.failed:
        transaction.denied += 1
        transaction.scope.child(rcpt_to=envelope.address).emit(
            SmtpServerTransactionRcptFinished(
                status_code=reply.status, enhanced_code=reply.enhanced, error=reply.text
            )
        )
    return [reply]


async def _accept(session: Session, transaction: Transaction, address: str) -> Reply:
    delimiters = session.server.config.get(MailSettings).recipient_delimiter
    user, detail = split_detail(address, delimiters)
    try:
        record = await session.server.auth.lookup("lmtp", user, session.connection)
    except CulverError:
        return Reply(451, "4.3.0", f"<{address}> Temporary internal error")
    if record is None:
        return Reply(550, "5.1.1", f"<{address}> User doesn't exist: {address}")
    number = len(transaction.recipients) + 1
    scope = transaction.scope.child(
        user=record.name, rcpt_to=address, session=f"{session.connection.session_id}:{number}"
    )
    transaction.recipients.append(
        Recipient(address=address, user=user, detail=detail, record=record, scope=scope)
    )
    return Reply(250, "2.1.5", "OK")
