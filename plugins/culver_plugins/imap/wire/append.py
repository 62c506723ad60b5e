"""The APPEND command (RFC 3501 6.3.11) with several messages (RFC 3502) and literal8 (RFC 3516).

The messages may be larger than memory, so the command is built line by line while they pass.
"""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.flags import FlagList
from culver_plugins.imap.wire.lexer import Lexer


class AppendMessage(Struct, frozen=True):
    """One message. `size` is in octets; `data` is None when the octets were streamed."""

    size: int
    flags: FlagList = FlagList()
    date: datetime | None = None
    binary: bool = False
    data: bytes | None = None


class Append(Command, frozen=True):
    """Save messages in a mailbox, all or none of them."""

    mailbox: str
    messages: tuple[AppendMessage, ...] = ()


class AppendBuilder:
    """Builds an Append while its literals arrive; a `command.LiteralBuilder`."""

    __slots__ = ("_mailbox", "_messages")

    def __init__(self) -> None:
        self._mailbox: str | None = None
        self._messages: list[AppendMessage] = []

    def announced(self, lexer: Lexer, size: int, *, binary: bool) -> None:
        """Read `[SP mailbox] SP [flag-list SP] [date-time SP]` before a message."""
        mailbox = self._mailbox
        if mailbox is None:
            lexer.sp()
            mailbox = lexer.mailbox()
        lexer.sp()
        message = _message(lexer, size, binary)
        self._mailbox = mailbox
        self._messages.append(message)

    def collected(self, data: bytes) -> None:
        """Fill in the message announced last."""
        self._messages[-1] = replace(self._messages[-1], data=data)

    def partial(self) -> Append:
        """Return the command with the messages announced so far."""
        return Append(self._mailbox or "", tuple(self._messages))

    def finish(self, lexer: Lexer) -> Append:
        """Read the end of the command. Raises ParseError when there was no message."""
        if self._mailbox is None:
            lexer.sp()
            lexer.mailbox()
        if not self._messages or not lexer.at_end():
            lexer.opt_sp()
            lexer.fail("message literal")
        return self.partial()


def _message(lexer: Lexer, size: int, binary: bool) -> AppendMessage:
    flags = FlagList()
    date = None
    if lexer.next_is(b"("):
        flags = lexer.flag_list()
        lexer.sp()
    if not lexer.at_literal():
        date = lexer.date_time()
        lexer.sp()
    # This literal is the announced one: an earlier one here would have been a message itself.
    if not lexer.at_literal():
        lexer.fail("message literal")
    return AppendMessage(size, flags, date, binary)
