"""One LMTP client, from greeting to goodbye."""

from __future__ import annotations

import errno
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal

import trio

from culver.plugin import Connection, Scope, Server, ServerSettings, Spool
from culver_events.smtp import (
    SmtpServerCommandFinished,
    SmtpServerCommandStarted,
    SmtpServerTransactionFinished,
    SmtpServerTransactionRcptFinished,
)
from culver_plugins.lmtp.commands import (
    bdat,
    data,
    lhlo,
    mail,
    noop,
    quit,
    rcpt,
    rset,
    starttls,
    vrfy,
)
from culver_plugins.lmtp.delivery import deliver
from culver_plugins.lmtp.headers import trace_headers
from culver_plugins.lmtp.message_fields import message_fields
from culver_plugins.lmtp.settings import LmtpSettings
from culver_plugins.lmtp.wire.command import Command, SyntaxProblem, parse_line
from culver_plugins.lmtp.wire.machine import (
    Data,
    DataEnd,
    Line,
    LineTooLong,
    Machine,
    NeedData,
)
from culver_plugins.lmtp.wire.reply import LINE_TOO_LONG, OK, Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.recipient import Recipient
    from culver_plugins.lmtp.wire.command import Envelope

IDLE_TIMEOUT = 300.0
"""Seconds of silence before the client is given up.  RFC 5321 4.5.3.2.7 asks for five minutes."""

MAX_BAD_COMMANDS = 10
"""Unknown commands before the client is taken for something else than an MTA."""

COMMANDS: dict[str, Callable[[Session, str], Awaitable[list[Reply]]]] = {
    "BDAT": bdat.run,
    "DATA": data.run,
    "LHLO": lhlo.run,
    "MAIL": mail.run,
    "NOOP": noop.run,
    "QUIT": quit.run,
    "RCPT": rcpt.run,
    "RSET": rset.run,
    "STARTTLS": starttls.run,
    "VRFY": vrfy.run,
}


class Transaction:
    """From MAIL to the last reply, or to RSET."""

    def __init__(self, envelope: Envelope, scope: Scope) -> None:
        self.envelope = envelope
        self.scope = scope
        self.recipients: list[Recipient] = []
        self.denied = 0
        self.chunked = False
        self.spool = Spool()
        self.failure: Reply | None = None
        """Why the mail can't be taken although its bytes have to be read to the end."""

    def write(self, chunk: bytes) -> None:
        """Keep a piece; a full disk is remembered and answered at the end."""
        if self.failure is not None:
            return
        try:
            self.spool.write(chunk)
        except OSError as error:
            text = "Insufficient system storage"
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                text = "Can't write to the spool"
            self.failure = Reply(452, "4.3.1", text)

    def finish(self, replies: list[Reply], *, reset: bool = False) -> None:
        """Emit the one closing event, and let go of the spool."""
        failed = [reply for reply in replies if reply.failed]
        worst = failed[0] if failed else OK
        self.scope.emit(
            SmtpServerTransactionFinished(
                status_code=worst.status,
                enhanced_code=worst.enhanced,
                error=worst.text if failed else None,
                recipients=len(self.recipients),
                recipients_succeeded=len(replies) - len(failed),
                recipients_failed=len(failed),
                recipients_denied=self.denied,
                recipients_aborted=len(self.recipients) - len(replies),
                is_reset=reset,
            )
        )
        self.spool.__exit__()


class Session:
    """The state that commands change."""

    def __init__(self, server: Server, connection: Connection) -> None:
        self.server = server
        self.connection = connection
        self.machine = Machine()
        self.hostname = server.config.get(ServerSettings).hostname or socket.gethostname()
        self.helo = ""
        self.transaction: Transaction | None = None
        self.receiving: Literal["", "data", "chunk", "refused"] = ""
        self.last_chunk = False
        self.start_tls = False
        self.close_after = ""
        """Why to close the connection once the replies are out."""
        self.bad_commands = 0
        self._out: list[bytes] = []

    def begin(self, envelope: Envelope) -> Transaction:
        scope = self.connection.scope.child(mail_from=envelope.address)
        self.transaction = Transaction(envelope, scope)
        return self.transaction

    def reset(self) -> None:
        """Forget the transaction."""
        if self.transaction is not None:
            self.transaction.finish([], reset=True)
            self.transaction = None

    async def run(self) -> None:
        """Serve until QUIT, silence, or the end of the stream."""
        self._reply([Reply(220, "", f"{self.hostname} culver ready.")])
        try:
            while not self.close_after:
                await self._step()
            await self._flush()
        finally:
            self.reset()

    async def _step(self) -> None:
        event = self.machine.next_event()
        match event:
            case NeedData():
                # Replies of pipelined commands leave together (RFC 2920 3.2).
                await self._flush()
                await self._receive()
            case Line(text):
                await self._command(text)
            case LineTooLong():
                self._bad(LINE_TOO_LONG)
            case Data(chunk):
                if self.transaction is not None and self.receiving != "refused":
                    self.transaction.write(chunk)
            case DataEnd():
                await self._data_ended()

    async def _receive(self) -> None:
        try:
            received = await self.connection.receive(IDLE_TIMEOUT)
        except TimeoutError:
            self._reply([Reply(421, "4.4.2", "Disconnected for inactivity")])
            self.close_after = "Inactivity"
            return
        if not received:
            self.close_after = "Connection closed"
            if self.connection.draining:
                self._reply([Reply(421, "4.3.2", "Server shutting down")])
        self.machine.receive(received)

    async def _command(self, line: bytes) -> None:
        try:
            command = parse_line(line)
        except SyntaxProblem as problem:
            return self._bad(Reply(500, "5.5.2", str(problem)))
        run = COMMANDS.get(command.verb)
        if run is None:
            return self._bad(Reply(500, "5.5.1", f"Unknown command: {command.verb[:40]}"))
        scope = self._command_scope(command)
        scope.emit(SmtpServerCommandStarted())
        replies = await run(self, command.rest)
        for reply in replies[-1:]:
            scope.emit(
                SmtpServerCommandFinished(
                    status_code=reply.status,
                    enhanced_code=reply.enhanced or None,
                    error=reply.text if reply.failed else None,
                )
            )
        self._reply(replies)
        if self.start_tls:
            await self._start_tls()

    def _command_scope(self, command: Command) -> Scope:
        return self.connection.scope.child(cmd_name=command.verb, cmd_args=command.rest or None)

    def _bad(self, reply: Reply) -> None:
        self._reply([reply])
        self.bad_commands += 1
        if self.bad_commands >= MAX_BAD_COMMANDS:
            self._reply([Reply(421, "4.7.0", "Too many invalid commands")])
            self.close_after = "Too many invalid commands"

    async def _start_tls(self) -> None:
        self.start_tls = False
        await self._flush()
        self.machine.discard()
        await self.connection.start_tls()
        self.reset()
        self.helo = ""  # RFC 3207 4.2: what was learned before is forgotten

    async def _data_ended(self) -> None:
        kind, self.receiving = self.receiving, ""
        transaction = self.transaction
        if kind == "refused" or transaction is None:
            return self._reply([Reply(503, "5.5.1", "MAIL and RCPT needed first")])
        if kind == "chunk" and not self.last_chunk:
            # A chunk that couldn't be kept is told at once, so that the client stops sending.
            return self._reply([transaction.failure or OK])
        self.transaction = None
        replies: list[Reply] = []
        try:
            replies = await self._deliver(transaction)
        finally:
            transaction.finish(replies)
        self._reply(replies)

    async def _deliver(self, transaction: Transaction) -> list[Reply]:
        """Deliver to all at once; the replies come in the order of the recipients."""
        if transaction.failure is not None:
            return [transaction.failure] * len(transaction.recipients)
        replies = [OK] * len(transaction.recipients)
        transaction.scope.set(**message_fields(transaction.spool.buffer()))

        async def one(number: int, recipient: Recipient) -> None:
            reply = await deliver(
                self.server,
                recipient,
                transaction.envelope.address,
                self._headers(transaction, recipient),
                transaction.spool.buffer(),
            )
            replies[number] = reply
            recipient.scope.emit(
                SmtpServerTransactionRcptFinished(
                    status_code=reply.status,
                    enhanced_code=reply.enhanced,
                    error=reply.text if reply.failed else None,
                )
            )

        if len(replies) == 1:
            await one(0, transaction.recipients[0])
            return replies
        async with trio.open_nursery() as nursery:
            for number, recipient in enumerate(transaction.recipients):
                nursery.start_soon(one, number, recipient)
        return replies

    def _headers(self, transaction: Transaction, recipient: Recipient) -> bytes:
        settings = self.server.config.get(LmtpSettings, protocol="lmtp")
        return trace_headers(
            sender=transaction.envelope.address,
            recipient=recipient.address,
            delivered_to="" if settings.hdr_delivery_address == "none" else recipient.address,
            helo=self.helo,
            client_ip=self.connection.remote_ip,
            hostname=self.hostname,
            session=str(recipient.scope.get("session")),
            with_tls=self.connection.tls is not None,
            received=settings.add_received_header,
        )

    def _reply(self, replies: list[Reply]) -> None:
        self._out += [reply.encode() for reply in replies]

    async def _flush(self) -> None:
        if self._out:
            out, self._out = self._out, []
            await self.connection.send(b"".join(out))
