"""What the machine tells the session."""

from typing import Final

from msgspec import Struct

from culver_plugins.imap.wire.command import Command, CommandSpec
from culver_plugins.imap.wire.fragments import Literal, LiteralChunk, LiteralEnd


class NeedData(Struct, frozen=True):
    """Nothing more can be said before `receive` gets more octets."""


class Paused(Struct, frozen=True):
    """Nothing more is read before the session answers: `finish`, `challenge`, or the literal."""


class Closed(Struct, frozen=True):
    """The connection is over: send `take_output()` and close. Told again and again."""


class CommandReceived(Struct, frozen=True):
    """A whole, legal, well-formed command. Exactly one tagged answer is owed for each.

    `name` is upper case, with `UID ` in front for the UID form.
    """

    tag: bytes
    name: str
    command: Command
    spec: CommandSpec


class BadCommand(Struct, frozen=True):
    """A command was refused; the answer is in `take_output()` already.

    `tag` is `*` where the client's could not be read, `name` empty likewise. `text` is what the
    client is told; of the client's own it may hold the command's name or an unknown keyword.
    """

    tag: bytes
    name: str
    text: str


class LiteralStart(Struct, frozen=True):
    """A large message is announced: call `accept_literal` or `refuse_literal`.

    After `accept_literal` come LiteralChunk events, none of them empty, and one LiteralEnd; the
    command itself follows as CommandReceived (or BadCommand) when its last line is there.
    `command` is what is known of it: the mailbox, the messages so far, this one last.
    """

    tag: bytes
    name: str
    command: Command
    literal: Literal


class AuthResponse(Struct, frozen=True):
    """The client's answer to a challenge; it never prints.

    `data` is decoded. None: the client gave up (`*`), or, with `invalid`, sent no base64.
    """

    data: bytes | None
    invalid: bool = False

    def __repr__(self) -> str:
        secret = None if self.data is None else "<secret>"
        return f"AuthResponse(data={secret}, invalid={self.invalid})"


class IdleDone(Struct, frozen=True):
    """The client ended IDLE: `ok` with DONE, else with anything else, which is BAD (R5-070)."""

    tag: bytes
    ok: bool


Event = (
    NeedData | Paused | Closed | CommandReceived | BadCommand | LiteralStart | LiteralChunk
    | LiteralEnd | AuthResponse | IdleDone
)  # fmt: skip

NEED_DATA: Final = NeedData()
PAUSED: Final = Paused()
CLOSED: Final = Closed()
