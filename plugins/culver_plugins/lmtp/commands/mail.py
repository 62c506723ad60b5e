"""MAIL FROM: a transaction begins (RFC 5321 4.1.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_events.smtp import SmtpServerTransactionStarted
from culver_plugins.lmtp.wire.command import SyntaxProblem, parse_path
from culver_plugins.lmtp.wire.reply import BAD_SEQUENCE, Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session

BODIES = ("7BIT", "8BITMIME", "BINARYMIME")
PARAMS = ("AUTH", "BODY", "ENVID", "RET", "SIZE", "SMTPUTF8")


async def run(session: Session, rest: str) -> list[Reply]:
    if not session.helo:
        return [Reply(503, "5.5.1", "LHLO needed")]
    if session.transaction is not None:
        return [BAD_SEQUENCE]
    try:
        envelope = parse_path(rest, "FROM:", null=True)
    except SyntaxProblem as problem:
        return [Reply(501, "5.5.4", str(problem))]
    wrong = _wrong(envelope.params)
    if wrong is not None:
        return [wrong]
    transaction = session.begin(envelope)
    transaction.scope.emit(SmtpServerTransactionStarted())
    return [Reply(250, "2.1.0", "OK")]


def _wrong(params: dict[str, str]) -> Reply | None:
    for name in params:
        if name not in PARAMS:
            return Reply(555, "5.5.4", f"Unsupported parameter for MAIL: {name}")
    if params.get("BODY", "8BITMIME").upper() not in BODIES:
        return Reply(501, "5.5.4", f"BODY has to be one of {', '.join(BODIES)}")
    if not params.get("SIZE", "0").isdigit():
        return Reply(501, "5.5.4", "SIZE has to be a number of bytes")
    return None
