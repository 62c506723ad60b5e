"""What every command is, and what the table knows about one."""

from collections.abc import Callable
from typing import ClassVar, Protocol

from msgspec import Struct

from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.state import State


class Command(Struct, frozen=True):
    """A command as the client meant it: decoded, checked, without its tag."""


class LiteralBuilder(Protocol):
    """Reads a command that carries messages as literals (APPEND), a line at a time."""

    def announced(self, lexer: Lexer, size: int, *, binary: bool) -> None:
        """Read a line that ends in a message literal.

        Raises NeedLiteral when the announced literal is an argument and not a message (the line
        comes again once it is there), ParseError when the line is wrong; neither changes anything.
        """
        ...

    def collected(self, data: bytes) -> None:
        """Take the octets of the message announced last, if they were not streamed."""
        ...

    def partial(self) -> Command:
        """Return the command as far as it is known."""
        ...

    def finish(self, lexer: Lexer) -> Command:
        """Read the last line and return the command. Raises ParseError."""
        ...


class CommandSpec(Struct, frozen=True, kw_only=True):
    """What the machine and the session must know about a command before it runs.

    `states` says where a command added by a plugin is legal; those of RFC 3501 and the extensions
    in core are in `state.TRANSITIONS`. `uses_seqs`: it holds sequence numbers, so none of them may
    change before it ran. `breaks_seqs`: its answers may renumber messages. `breaks_mailbox`: it
    changes which mailbox is selected, or reads the stream itself. `blocks`: nothing that follows
    it may be read before it is finished, because the answer decides how to read it.
    """

    ALL_STATES: ClassVar[frozenset[State]] = frozenset(State) - {State.LOGOUT}

    parse: Callable[[Lexer], Command] | None = None
    builder: Callable[[], LiteralBuilder] | None = None
    states: frozenset[State] = frozenset()
    uses_seqs: bool = False
    breaks_seqs: bool = False
    breaks_mailbox: bool = False
    blocks: bool = False
