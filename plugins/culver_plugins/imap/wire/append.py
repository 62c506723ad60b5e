"""The APPEND command (RFC 3501 6.3.11) with several messages (RFC 3502), literal8 (RFC 3516) and
CATENATE (RFC 4469).

The messages may be larger than memory, so the command is built line by line while they pass.
"""

from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.flags import FlagList
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.sequence import Ranges


class CatText(Struct, frozen=True):
    """TEXT of a CATENATE. `data` is None when the octets were streamed."""

    size: int
    binary: bool = False
    data: bytes | None = None


class CatUrl(Struct, frozen=True):
    """URL of a CATENATE, as the client wrote it."""

    url: bytes


CatPart = CatText | CatUrl


class AppendMessage(Struct, frozen=True):
    """One message. `size` is in octets; `data` is None when the octets were streamed.

    With CATENATE `parts` say what it is put together of, and size and data are those of no part.
    """

    size: int
    flags: FlagList = FlagList()
    date: datetime | None = None
    binary: bool = False
    data: bytes | None = None
    parts: tuple[CatPart, ...] | None = None


class Append(Command, frozen=True):
    """Save messages in a mailbox, all or none of them."""

    mailbox: str
    messages: tuple[AppendMessage, ...] = ()


class Progress(Struct):
    """How far the command has been read; `open`: inside the list of the last message's parts."""

    mailbox: str | None = None
    messages: list[AppendMessage] = field(default_factory=list[AppendMessage])
    open: bool = False
    ids: Ranges = ()
    """The message that REPLACE replaces."""

    def add_part(self, part: CatPart) -> None:
        """Add to the last message."""
        last = self.messages[-1]
        self.messages[-1] = replace(last, parts=(*(last.parts or ()), part))


class AppendBuilder:
    """Builds an Append while its literals arrive; a `command.LiteralBuilder`."""

    __slots__ = ("progress",)

    def __init__(self) -> None:
        self.progress = Progress()

    def head(self, lexer: Lexer, progress: Progress) -> None:
        """Read `SP mailbox`."""
        lexer.sp()
        progress.mailbox = lexer.mailbox()

    def announced(self, lexer: Lexer, size: int, *, binary: bool) -> None:
        """Read up to the message, or part of a message, that comes next."""
        self.progress = self._read(lexer, CatText(size, binary))

    def collected(self, data: bytes) -> None:
        """Fill in what was announced last."""
        messages = self.progress.messages
        last = messages[-1]
        if last.parts is None:
            messages[-1] = replace(last, data=data)
        else:
            text = replace(last.parts[-1], data=data)
            messages[-1] = replace(last, parts=(*last.parts[:-1], text))

    def partial(self) -> Append:
        """Return the command with the messages announced so far."""
        return Append(self.progress.mailbox or "", tuple(self.progress.messages))

    def finish(self, lexer: Lexer) -> Append:
        """Read the end of the command. Raises ParseError when there was no message."""
        self.progress = self._read(lexer, None)
        return self.partial()

    def _read(self, lexer: Lexer, literal: CatText | None) -> Progress:
        """Read a line; `literal` is what it announces at its end, None in the last line."""
        old = self.progress
        at = Progress(old.mailbox, list(old.messages), old.open, old.ids)
        if at.mailbox is None:
            self.head(lexer, at)
        if at.open and not _parts(lexer, at, literal):
            return at
        while literal is not None or not at.messages or not lexer.at_end():
            if _message(lexer, at, literal):
                return at
        return at


def _message(lexer: Lexer, at: Progress, literal: CatText | None) -> bool:
    """Read one message; tell whether the announced literal was reached."""
    if lexer.at_end():
        lexer.opt_sp()
        lexer.fail("message literal")
    lexer.sp()
    flags = FlagList()
    date = None
    if lexer.next_is(b"("):
        flags = lexer.flag_list()
        lexer.sp()
    if lexer.next_is(b'"') or (lexer.at_literal() and not _is_last(lexer)):
        date = lexer.date_time()
        lexer.sp()
    if lexer.peek_keyword() == "CATENATE":
        lexer.keyword()
        lexer.sp()
        lexer.expect(b"(")
        at.messages.append(AppendMessage(0, flags, date, parts=()))
        at.open = True
        return not _parts(lexer, at, literal)
    # This literal is the announced one: an earlier one here would have been a message itself.
    if literal is None or not lexer.at_literal():
        lexer.fail("message literal")
    at.messages.append(AppendMessage(literal.size, flags, date, literal.binary))
    return True


def _is_last(lexer: Lexer) -> bool:
    return lexer.text.find(b"\n", lexer.position) + 1 == len(lexer.text)


def _parts(lexer: Lexer, at: Progress, literal: CatText | None) -> bool:
    """Read parts up to the closing parenthesis; tell whether it came."""
    while not (at.messages[-1].parts and lexer.accept(b")")):
        if at.messages[-1].parts:
            lexer.sp()
        word = lexer.keyword("TEXT or URL")
        if word not in ("TEXT", "URL"):
            lexer.fail("TEXT or URL", word[:32])
        lexer.sp()
        if word == "URL":
            at.add_part(CatUrl(lexer.astring("URL")))
            continue
        if literal is None or not lexer.at_literal():
            lexer.fail("message literal")
        at.add_part(literal)
        return False
    at.open = False
    return True
