"""One IMAP client, from greeting to goodbye: a loop that reads, runs one command, writes."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import trio

from culver.plugin import Connection, CulverError, Mailbox, MailUser, Refused, Scope, Server
from culver_events.imap import ImapCommandFinished
from culver_events.server import LogMessage
from culver_plugins.imap.answer import Answer, no, refusal
from culver_plugins.imap.closing import Closing
from culver_plugins.imap.counters import Counters
from culver_plugins.imap.deflate import Deflate
from culver_plugins.imap.incoming import Incoming
from culver_plugins.imap.selected import Selected
from culver_plugins.imap.settings import ImapSettings
from culver_plugins.imap.updates import send_updates
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.events import (
    AuthResponse,
    Closed,
    CommandReceived,
    IdleDone,
    LiteralStart,
    NeedData,
)
from culver_plugins.imap.wire.fragments import LiteralChunk, LiteralEnd
from culver_plugins.imap.wire.limits import Limits
from culver_plugins.imap.wire.machine import ImapMachine

if TYPE_CHECKING:
    from culver_plugins.imap.service import ImapService
    from culver_plugins.imap.wire.events import Event

LOGIN_TIMEOUT = 180.0
"""Seconds before login (inventory R1-070)."""

IDLE_TIMEOUT = 1800.0
"""Seconds of silence after login; RFC 3501 5.4 asks for at least 30 minutes.  Not in IDLE."""

FLUSH_AT = 64 * 1024
"""Bytes collected before they are sent: one write per batch."""

INTERNAL_ERROR = "Internal error occurred. Refer to server log for more information."


class Session:
    """What commands work with.  Used by one task; IDLE adds a second one that only syncs."""

    def __init__(self, service: ImapService, connection: Connection) -> None:
        self.service = service
        self.server: Server = service.server
        self.connection = connection
        self.scope: Scope = connection.scope
        self.settings = self.server.config.get(
            ImapSettings, protocol="imap", remote_ip=connection.remote_ip or None
        )
        self.machine = ImapMachine(service.table, self._limits())
        self.user: MailUser | None = None
        self.selected: Selected | None = None
        self.condstore = False
        """MODSEQ is told with every FLAGS (RFC 7162 3.1)."""
        self.enabled: set[str] = set()
        self.deflate: Deflate | None = None
        """Set once COMPRESS was agreed."""
        self.counters = Counters()
        self.closing = Closing(self)
        self.incoming = Incoming()
        """Messages of a running APPEND that were too large for memory."""
        self.tag = b""
        """Of the running command."""
        self._out: list[bytes] = []
        self._out_size = 0
        self._idle_lock: trio.Lock | None = None

    def _limits(self) -> Limits:
        return Limits(line=self.settings.max_line_length, literal_minus=self.settings.literal_minus)

    # -- output ---------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Collect output; it leaves with the next flush."""
        self._out.append(data)
        self._out_size += len(data)

    async def flush(self) -> None:
        """Send what was collected."""
        if self._idle_lock is None:
            return await self._send()
        async with self._idle_lock:
            await self._send()

    async def _send(self) -> None:
        if self._out:
            out, self._out, self._out_size = self._out, [], 0
            data = out[0] if len(out) == 1 else b"".join(out)
            if self.deflate is None:
                await self.connection.send(data)
            else:
                await self.deflate.send(self.connection, data)

    async def flush_if_full(self) -> None:
        """Between batches: send what fills a write."""
        if self._out_size >= FLUSH_AT:
            await self.flush()

    @contextmanager
    def idling(self) -> Generator[None]:
        """While in IDLE: two tasks write, and silence is no reason to end (inventory R5-028)."""
        self._idle_lock = trio.Lock()
        try:
            yield
        finally:
            self._idle_lock = None

    def enable_condstore(self) -> None:
        """From now on MODSEQ is told with FLAGS (RFC 7162 3.1)."""
        self.condstore = True

    @property
    def qresync(self) -> bool:
        """Expunges are told as VANISHED (RFC 7162 3.2.10)."""
        return "QRESYNC" in self.enabled

    # -- the loop -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until LOGOUT, silence, or the end of the stream."""
        self.write(self.service.greeting(self))
        try:
            while (event := await self.next_event()) is not None:
                await self._handle(event)
            await self.flush()
        except (trio.BrokenResourceError, trio.ClosedResourceError, TimeoutError) as error:
            self.closing.reason = f"Connection closed: {error}"
            raise
        finally:
            await self._close()

    async def next_event(self) -> Event | None:
        """The machine's next event; None at the end of the connection.  Sends and reads."""
        while True:
            event = self.machine.next_event()
            said = self.machine.take_output()
            if said:
                self.write(said)
            if isinstance(event, NeedData):
                await self.flush()
                if not await self._receive():
                    return None
            elif isinstance(event, Closed):
                return None
            else:
                return event

    async def _receive(self) -> bool:
        timeout = IDLE_TIMEOUT if self.user is not None else LOGIN_TIMEOUT
        if self._idle_lock is not None:
            timeout = math.inf
        try:
            if self.deflate is None:
                data = await self.connection.receive(timeout)
            else:
                data = await self.deflate.receive(self.connection, timeout)
        except TimeoutError:
            self.closing.reason = "Inactivity"
            self.write(responses.bye(b"Disconnected for inactivity."))
            return False
        if not data:
            self._ended()
            return False
        self.machine.receive(data)
        return True

    def _ended(self) -> None:
        if self.connection.draining:
            self.closing.reason = "Server shutting down."
            self.write(responses.bye(b"Server shutting down.", b"UNAVAILABLE"))
        else:
            self.closing.reason = "Connection closed"

    async def _handle(self, event: Event) -> None:
        if isinstance(event, CommandReceived):
            await self._run(event)
        elif isinstance(event, LiteralStart):
            await self.incoming.start(self, event)
        elif isinstance(event, LiteralChunk):
            await self.incoming.take(event.data)
        elif isinstance(event, LiteralEnd):
            self.incoming.end()
        else:
            # BadCommand: its answer is written.  The others belong to commands that wait for them.
            assert not isinstance(event, AuthResponse | IdleDone), "nobody waits for it"
            self.incoming.drop()

    async def _run(self, event: CommandReceived) -> None:
        """Run a command and send its tagged answer."""
        started = time.monotonic_ns()
        self.tag = event.tag
        bytes_in, bytes_out = self.connection.bytes_in, self.connection.bytes_out
        answer = await self._answer(event)
        self.incoming.drop()
        if answer.counts:
            self.machine.bad(event.tag, event.name, answer.text.decode())
            self.write(self.machine.take_output())
        else:
            self.write(responses.tagged(event.tag, answer.status, answer.text, answer.code))
            self.machine.finish(event.name, ok=answer.status == b"OK")
        if self.scope.wants(ImapCommandFinished):
            code = f"[{answer.code.decode()}] " if answer.code else ""
            self._command_scope(event).emit(
                ImapCommandFinished(
                    tagged_reply_state=answer.status.decode(),
                    tagged_reply=f"{answer.status.decode()} {code}{answer.text.decode()}",
                    running_usecs=(time.monotonic_ns() - started) // 1000,
                    net_in_bytes=self.connection.bytes_in - bytes_in,
                    net_out_bytes=self.connection.bytes_out - bytes_out,
                )
            )
        await self.service.after(self, event, answer)

    def _command_scope(self, event: CommandReceived) -> Scope:
        return self.scope.child(cmd_tag=event.tag.decode("ascii", "replace"), cmd_name=event.name)

    async def _answer(self, event: CommandReceived) -> Answer:
        try:
            answer = await self.service.handler(event.name)(self, event.command)
            spec = event.spec
            if self.selected is not None and (spec.uses_seqs or spec.breaks_seqs):
                await send_updates(
                    self,
                    expunges=spec.breaks_seqs or not spec.uses_seqs,
                    uid=event.name.startswith("UID "),
                )
            return answer
        except CulverError as error:
            return refusal(error)
        except (trio.BrokenResourceError, trio.ClosedResourceError, TimeoutError):
            raise
        except Exception as error:
            self.report(f"{event.name} failed", error)
            return no(INTERNAL_ERROR, "SERVERBUG")

    def report(self, what: str, error: Exception) -> None:
        """Log a bug with its traceback; the client is only told that there was one."""
        trace = "".join(traceback.format_exception(error))
        self.scope.emit(LogMessage(level="error", text=f"{what}: {trace}"))

    # -- state ----------------------------------------------------------------------------------

    async def open(self, name: str) -> Mailbox:
        """A mailbox of the user's.  Raises Refused, NONEXISTENT with the name in the text."""
        name = self._without_extra_separator(name)
        try:
            return await self.mail_user().open(name)
        except Refused as error:
            if error.code != "NONEXISTENT":
                raise
            raise Refused("NONEXISTENT", f"Mailbox doesn't exist: {name}") from error

    def _without_extra_separator(self, name: str) -> str:
        """Thunderbird appends to a mailbox whose name ends with the separator (R5-032)."""
        if "tb-extra-mailbox-sep" not in self.settings.client_workarounds:
            return name
        separators = tuple(each.separator for each in self.mail_user().namespaces)
        return name[:-1] if name[:-1] and name.endswith(separators) else name

    def mail_user(self) -> MailUser:
        """The user, in commands that are legal after login only."""
        assert self.user is not None, "the state table allows this command before login"
        return self.user

    def mailbox(self) -> Selected:
        """The selected mailbox, in commands that are legal then only."""
        assert self.selected is not None, "the state table allows this command unselected"
        return self.selected

    async def unselect(self) -> None:
        """Let go of the selected mailbox."""
        selected, self.selected = self.selected, None
        if selected is not None:
            await selected.mailbox.close()

    async def log_out_user(self) -> None:
        """Go back to before the login: this user's session is over, the connection is not."""
        await self.unselect()
        self.closing.reason = "Unauthenticated"
        self.closing.emit()
        await self.mail_user().close()
        self.user = None
        self.condstore = False
        self.enabled.clear()
        self.scope.set(user="", mechanism="")
        self.counters = Counters()
        self.closing = Closing(self)

    async def _close(self) -> None:
        self.incoming.drop()
        with trio.CancelScope(shield=True, deadline=trio.current_time() + 10):
            await self.unselect()
            if self.user is not None:
                await self.user.close()
        self.closing.emit()
