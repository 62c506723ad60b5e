"""The state of one connection: octets in, events out.

A session's loop is: `receive`, then `next_event` until NeedData (or Paused, or Closed), and after
each event write `take_output()` before anything of its own, so that answers keep their order.
"""

import re
from enum import Enum, auto
from typing import Final

from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.authenticate import decode_response
from culver_plugins.imap.wire.command import Command, LiteralBuilder
from culver_plugins.imap.wire.errors import NeedLiteral, ParseError
from culver_plugins.imap.wire.events import (
    CLOSED,
    NEED_DATA,
    PAUSED,
    AuthResponse,
    BadCommand,
    CommandReceived,
    Event,
    IdleDone,
    LiteralStart,
)
from culver_plugins.imap.wire.fragments import (
    Fragmentizer,
    Line,
    Literal,
    LiteralData,
    LiteralEnd,
    Overlong,
)
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.limits import Limits
from culver_plugins.imap.wire.state import FAILURE, State
from culver_plugins.imap.wire.table import CommandTable, Entry

# Stricter than `tag` in RFC 3501 by "]" alone, as Dovecot is. A tag that breaks this is not sent
# back: what it holds may be meant for a browser that was tricked into talking to us.
_TAG: Final = re.compile(rb'([^\x00-\x20(){%*"\\\]+\x7f-\xff]++)(?: ++|\Z)')
_NAME: Final = re.compile(
    rb'([^\x00-\x20(){%*"\\\]\x7f-\xff]++)(?: ++([^\x00-\x20(){%*"\\\]\x7f-\xff]++))?'
)
_LITERAL_MINUS: Final = 4096

# The client is out of step with itself, not with the grammar: Dovecot does not count this one.
_NO_MAILBOX: Final = "No mailbox selected."
_TOO_MANY: Final = "Too many invalid IMAP commands."
_BEFORE_LOGIN: Final = "Error in IMAP command received by server."
_NO_TAG: Final = (
    "First parameter in line is IMAP's command tag, not the command name. "
    "Add that before the command, like: a login user pass"
)


class _Mode(Enum):
    COMMAND = auto()
    BLOCKED = auto()
    LITERAL = auto()
    AUTH = auto()
    IDLE = auto()
    CLOSED = auto()


class ImapMachine:
    """One connection. The table is shared, everything else is its own."""

    __slots__ = (
        "_bad", "_blocking", "_builder", "_collected", "_collecting_message", "_entry",
        "_fragments", "_head", "_limits", "_literal", "_literals", "_messages", "_mode",
        "_output", "_parts", "_table", "_tag", "state",
    )  # fmt: skip

    def __init__(
        self,
        table: CommandTable,
        limits: Limits | None = None,
        state: State = State.NOT_AUTHENTICATED,
    ) -> None:
        self._table = table
        self._limits = limits or Limits()
        self.state = state
        self._fragments = Fragmentizer(self._line_limit())
        self._mode = _Mode.COMMAND
        self._output = bytearray()
        self._bad = 0
        self._blocking = ""
        self._literal: Literal | None = None
        self._collecting_message = False
        self._reset()

    # -- octets ---------------------------------------------------------------------------------

    def receive(self, data: bytes | bytearray) -> None:
        """Take octets from the network; of a closed connection they are dropped."""
        if self._mode is not _Mode.CLOSED:
            self._fragments.receive(data)

    def take_output(self) -> bytes:
        """Return, once, what the machine wants sent: `+ OK`, BAD, BYE."""
        data = bytes(self._output)
        self._output.clear()
        return data

    def rest(self) -> bytes:
        """Take out octets that were received and not read, for COMPRESS to decode."""
        return self._fragments.rest()

    # -- events ---------------------------------------------------------------------------------

    def next_event(self) -> Event:
        """Return the next event. Never raises, whatever the client sent."""
        if self._mode in (_Mode.BLOCKED, _Mode.LITERAL):
            return PAUSED
        while self._mode is not _Mode.CLOSED:
            fragment = self._fragments.next()
            if fragment is None:
                return NEED_DATA
            if isinstance(fragment, Line):
                event = self._on_line(fragment)
            elif isinstance(fragment, LiteralData):
                self._on_literal(fragment.data)
                continue
            elif isinstance(fragment, Overlong):
                event = self._on_overlong(fragment.head)
            else:
                event = fragment
                if isinstance(fragment, LiteralEnd):
                    self._fragments.end_command()
            if event is not None:
                return event
        return CLOSED

    def _on_line(self, line: Line) -> Event | None:
        if self._mode is not _Mode.COMMAND:
            return self._on_raw_line(line.text)
        self._parts.append(line.text)
        if self._entry is None and (error := self._read_head(line.text)) is not None:
            return self._refuse_line(line, error)
        if b"\0" in line.text:
            return self._refuse_line(line, self._named("NULs not allowed in commands."))
        return self._complete() if line.literal is None else self._announced(line.literal)

    def _refuse_line(self, line: Line, text: str) -> BadCommand:
        if line.literal is not None:
            self._fragments.refuse()
        return self._refused(text)

    def _on_raw_line(self, line: bytes) -> Event:
        self._fragments.raw = False
        if self._mode is _Mode.IDLE:
            self._mode = _Mode.BLOCKED
            return IdleDone(self._tag, line.upper() == b"DONE")
        self._mode = _Mode.BLOCKED
        if line == b"*":
            return AuthResponse(None)
        data = decode_response(line) if line else b""
        return AuthResponse(data, data is None)

    def _on_literal(self, data: bytes) -> None:
        if self._collecting_message and self._builder is not None:
            self._builder.collected(data)
            self._collecting_message = False
        else:
            self._literals.append(data)

    def _on_overlong(self, head: bytes) -> Event:
        if self._mode is not _Mode.COMMAND:
            return self._on_raw_line(b"too long for anything")
        if self._entry is None:
            self._read_head(head.split(b"\n")[0])
        return self._refused(self._named("IMAP command line too large"))

    # -- one command ----------------------------------------------------------------------------

    def _reset(self) -> None:
        self._tag = b""
        self._head = 0
        self._entry: Entry | None = None
        self._builder: LiteralBuilder | None = None
        self._parts: list[bytes] = []
        self._literals: list[bytes | None] = []
        self._collected = 0
        self._messages = 0
        self._collecting_message = False

    def _line_limit(self) -> int:
        if self.state is State.NOT_AUTHENTICATED:
            return self._limits.line_before_login
        return self._limits.line

    def _read_head(self, line: bytes) -> str | None:
        """Read tag and name; return what is wrong with them."""
        tag = _TAG.match(line)
        if tag is None or len(tag[1]) > self._limits.tag:
            return "Error in IMAP tag: Invalid tag."
        self._tag = tag[1]
        match = _NAME.match(line, tag.end())
        if match is None:
            return "Error in IMAP command: Invalid command name."
        name = match[1].upper()
        end = match.end(1)
        if name == b"UID" and match[2] is not None:
            name += b" " + match[2].upper()
            end = match.end(2)
        self._head = end
        return self._look_up(name)

    def _look_up(self, name: bytes) -> str | None:
        entry = self._table.find(name)
        if entry is None or entry.name not in self._table.transitions[self.state]:
            if entry is not None and self._needs_mailbox(entry.name):
                return _NO_MAILBOX
            if self._tag.upper() == b"LOGIN" and self.state is State.NOT_AUTHENTICATED:
                return _NO_TAG
            return f"Error in IMAP command {name.decode()[:64]}: Unknown command."
        self._entry = entry
        if entry.spec.builder is not None:
            self._builder = entry.spec.builder()
        return None

    def _needs_mailbox(self, name: str) -> bool:
        selected = name in self._table.transitions[State.SELECTED]
        return selected and self.state is State.AUTHENTICATED

    def _lexer(self, *, announced: bool = False) -> Lexer:
        parts = self._parts
        if announced:
            return Lexer(b"\n".join(parts) + b"\n", [*self._literals, None], self._head)
        return Lexer(parts[0] if len(parts) == 1 else b"\n".join(parts), self._literals, self._head)

    def _complete(self) -> Event:
        entry = self._entry
        assert entry is not None
        lexer = self._lexer()
        try:
            command = self._parse(entry, lexer)
            lexer.end()
        except ParseError as error:
            return self._failed(error)
        return self._received(entry, command)

    def _parse(self, entry: Entry, lexer: Lexer) -> Command:
        if self._builder is not None:
            return self._builder.finish(lexer)
        assert entry.spec.parse is not None
        return entry.spec.parse(lexer)

    def _received(self, entry: Entry, command: Command) -> CommandReceived:
        event = CommandReceived(self._tag, entry.name, command, entry.spec)
        tag = self._tag
        self._reset()
        if entry.name == "IDLE":
            self._tag = tag
            self._mode = _Mode.IDLE
            self._fragments.raw = True
            self._blocking = entry.name
        elif entry.spec.blocks:
            self._mode = _Mode.BLOCKED
            self._blocking = entry.name
        return event

    # -- literals -------------------------------------------------------------------------------

    def _announced(self, literal: Literal) -> Event | None:
        if self._builder is not None:
            lexer = self._lexer(announced=True)
            try:
                self._builder.announced(lexer, literal.size, binary=literal.binary)
            except NeedLiteral:
                return self._argument(literal)
            except ParseError as error:
                self._fragments.refuse()
                return self._failed(error)
            return self._message(literal)
        return self._argument(literal)

    def _argument(self, literal: Literal) -> Event | None:
        if literal.size > self._fragments.room:
            return self._too_big("Literal size too large.")
        if self._breaks_literal_minus(literal):
            return self._too_big("Non-synchronizing literal size too large.")
        self._take(literal, stream=False)
        return None

    def _message(self, literal: Literal) -> Event | None:
        maximum = self._limits.message
        if self._breaks_literal_minus(literal) or (maximum and literal.size > maximum):
            return self._too_big("Message is too large.", b"TOOBIG")
        self._messages += 1
        if self._messages > self._limits.messages:
            return self._too_big("Too many messages in one command.", b"LIMIT")
        # What follows is read on its own, so that many messages cost no more than one each.
        self._parts = []
        self._literals = []
        self._head = 0
        if self._collected + literal.size <= self._limits.collect:
            self._collected += literal.size
            self._collecting_message = True
            self._take(literal, stream=False)
            self._fragments.end_command()
            return None
        assert self._entry is not None
        assert self._builder is not None
        self._literal = literal
        self._mode = _Mode.LITERAL
        return LiteralStart(self._tag, self._entry.name, self._builder.partial(), literal)

    def _breaks_literal_minus(self, literal: Literal) -> bool:
        return self._limits.literal_minus and not literal.sync and literal.size > _LITERAL_MINUS

    def _take(self, literal: Literal, *, stream: bool) -> None:
        self._fragments.accept(stream=stream)
        if literal.sync:
            self._output += b"+ OK\r\n"

    def _too_big(self, text: str, code: bytes = b"") -> BadCommand:
        self._fragments.refuse()
        if code:
            return self._refused(text, status=b"NO", code=code)
        return self._refused(self._named(text))

    def accept_literal(self) -> None:
        """Take the message of the last LiteralStart, as chunks."""
        literal = self._pending_literal()
        self._take(literal, stream=True)

    def refuse_literal(self, text: str, code: bytes = b"", status: bytes = b"NO") -> None:
        """Answer the command of the last LiteralStart with NO, and skip what the client sends."""
        self._pending_literal()
        self._fragments.refuse()
        self._output += responses.tagged(self._tag, status, text.encode(), code)
        self._reset()

    def _pending_literal(self) -> Literal:
        if self._mode is not _Mode.LITERAL or self._literal is None:
            raise RuntimeError("no message is announced: this answers a LiteralStart")
        literal, self._literal = self._literal, None
        self._mode = _Mode.COMMAND
        return literal

    # -- refusals -------------------------------------------------------------------------------

    def _failed(self, error: ParseError) -> BadCommand:
        text = self._named(error.text) if error.status == b"BAD" else error.text
        return self._refused(text, status=error.status, code=error.code)

    def _named(self, text: str) -> str:
        name = f" {self._entry.name}" if self._entry else ""
        return f"Error in IMAP command{name}: {text}"

    def _refused(self, text: str, *, status: bytes = b"BAD", code: bytes = b"") -> BadCommand:
        """Answer, and count a BAD; the last one is answered by BYE alone before login."""
        name = self._entry.name if self._entry else ""
        tag = self._tag or b"*"
        before_login = self.state is State.NOT_AUTHENTICATED
        counted = status == b"BAD" and text is not _NO_MAILBOX
        last = counted and self._count_bad()
        if before_login and counted and text is not _NO_TAG:
            text = _BEFORE_LOGIN
        if not (last and before_login):
            self._output += responses.tagged(tag, status, text.encode(), code)
        self._reset()
        if last:
            self.close(_TOO_MANY.encode())
        return BadCommand(tag, name, _TOO_MANY if last else text)

    def _count_bad(self) -> bool:
        """Count one more; tell whether it was one too many."""
        self._bad += 1
        if self.state is State.NOT_AUTHENTICATED:
            return self._bad >= self._limits.bad_before_login
        return self._bad >= self._limits.bad_after_login

    def bad(self, tag: bytes, name: str, text: str) -> None:
        """Answer with BAD a command that turned out wrong while it ran, and count it.

        Stands in for the tagged answer and for `finish`.
        """
        answer = f"Error in IMAP command {name}: {text}"
        self._output += responses.bad(tag, answer.encode())
        if self._count_bad():
            self.close(_TOO_MANY.encode())
        self._settle(name, ok=False)

    def close(self, text: bytes) -> None:
        """Say BYE and read nothing more."""
        self._output += responses.bye(text)
        self._mode = _Mode.CLOSED
        self._fragments.clear()

    # -- what the session decides -----------------------------------------------------------------

    def challenge(self, data: bytes) -> None:
        """Send a SASL challenge; the next line is an AuthResponse. For AUTHENTICATE only."""
        if self._mode is not _Mode.BLOCKED or self._blocking != "AUTHENTICATE":
            raise RuntimeError("a challenge answers AUTHENTICATE or an AuthResponse")
        self._output += responses.challenge(data)
        self._mode = _Mode.AUTH
        self._fragments.raw = True

    def finish(self, name: str, *, ok: bool = True) -> None:
        """Tell that a command got its tagged answer: OK or not. Needed for every command.

        Moves to the state that `state` names. After STARTTLS whatever came in before the
        handshake is dropped: it was sent in the clear, by anybody (CVE-2011-0411 and its kin).
        """
        self._settle(name, ok=ok)
        # Before login nothing forgives a bad command: three are enough for any client.
        if self.state is not State.NOT_AUTHENTICATED:
            self._bad = 0

    def _settle(self, name: str, *, ok: bool) -> None:
        row = self._table.transitions if ok else FAILURE
        self.state = row[self.state].get(name, self.state)
        self._fragments.max_line = self._line_limit()
        if ok and name == "STARTTLS":
            self._fragments.clear()
        if self.state is State.LOGOUT:
            self._mode = _Mode.CLOSED
        elif self._blocking == name and self._mode is not _Mode.CLOSED:
            self._blocking = ""
            self._fragments.raw = False
            self._mode = _Mode.COMMAND
