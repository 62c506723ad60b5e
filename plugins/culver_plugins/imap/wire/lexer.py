"""One command, read by calls that look like its ABNF (RFC 3501 9).

`Lexer` holds the command line as one bytes object. Where the client sent a literal, the line keeps
the announcement and its line end (`{5}` LF), and the octets wait in a list. LF occurs nowhere else.

More lenient than the grammar where Dovecot is, because clients rely on it: several spaces count as
one, spaces may end the line, and an unquoted astring may hold `%`, `*`, `]` and backslash.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Final, NoReturn, TypeVar

from culver_plugins.imap.wire import dates, flags, mutf7, sequence
from culver_plugins.imap.wire.errors import MailboxNameError, NeedLiteral, ParseError
from culver_plugins.imap.wire.flags import FlagList
from culver_plugins.imap.wire.sequence import Ranges

T = TypeVar("T")

# Deep nesting costs stack, and nobody needs it: real SEARCH programs nest three or four deep.
MAX_DEPTH: Final = 50

_SPACE = re.compile(rb" ++")
_ATOM = re.compile(rb'[^\x00-\x20(){%*"\\\]\x7f-\xff]++')
_ASTRING = re.compile(rb'[^\x00-\x20(){"\x7f-\xff]++')
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]++|\\[^\r\n\x00])*+)"')
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_LITERAL = re.compile(rb"(~?)\{[0-9]++\+?\}\n")
_KEYWORD = re.compile(rb"[A-Za-z0-9.=+/_-]++")
_NUMBER = re.compile(rb"[0-9]++")
_SET = re.compile(sequence.SEQUENCE_SET.pattern + rb"|\$")
_FLAG = re.compile(rb'\\?+[^\x00-\x20(){%*"\\\x7f-\xff]++')
_END = re.compile(rb" *+\Z")

_NAMED: Final = {0x20: "a space", 0x22: "a quote", 0x28: "'('", 0x29: "')'", 0x7B: "a literal"}


class Lexer:
    """Reads one command from left to right; every method that reads moves on or raises ParseError.

    `literals` are the octets of the literals in `text`, in order; None as the last one stands for
    a literal that is announced and not sent yet: reading it raises NeedLiteral.
    """

    __slots__ = ("_depth", "_literal", "literals", "position", "text")

    def __init__(
        self, text: bytes, literals: Sequence[bytes | None] = (), position: int = 0
    ) -> None:
        self.text = text
        self.position = position
        self.literals = literals
        self._literal = 0
        self._depth = 0

    # -- errors ---------------------------------------------------------------------------------

    def fail(self, expected: str, found: str | None = None) -> NoReturn:
        """Raise ParseError at the present position."""
        raise ParseError(expected, found or self.found(), self.position)

    def found(self) -> str:
        """Describe what comes next, in at most one character of the client's own."""
        if self.position >= len(self.text):
            return "end of line"
        octet = self.text[self.position]
        if octet in _NAMED:
            return _NAMED[octet]
        if octet < 0x20 or octet == 0x7F:
            return "a control character"
        return "an 8-bit octet" if octet > 0x7F else f"'{chr(octet)}'"

    def take(self, pattern: re.Pattern[bytes], expected: str) -> bytes:
        """Read what a compiled pattern matches here; for tokens that only one command has."""
        match = pattern.match(self.text, self.position)
        if match is None:
            self.fail(expected)
        self.position = match.end()
        return match[0]

    # -- punctuation ----------------------------------------------------------------------------

    def sp(self) -> None:
        """Read SP (one or more)."""
        match = _SPACE.match(self.text, self.position)
        if match is None:
            self.fail("a space")
        self.position = match.end()

    def opt_sp(self) -> bool:
        """Read spaces if there are any; tell whether something other than the end follows."""
        match = _SPACE.match(self.text, self.position)
        if match is None:
            return False
        if match.end() == len(self.text):
            return False
        self.position = match.end()
        return True

    def end(self) -> None:
        """Read the end of the command."""
        if self.position != len(self.text) and _END.match(self.text, self.position) is None:
            self.fail("end of line")

    def at_end(self) -> bool:
        """Tell whether nothing but spaces is left."""
        return _END.match(self.text, self.position) is not None

    def next_is(self, octets: bytes) -> bool:
        """Tell whether the text goes on with these octets; reads nothing."""
        return self.text.startswith(octets, self.position)

    def accept(self, octets: bytes) -> bool:
        """Read these octets if they come next; tell whether they did."""
        if self.text.startswith(octets, self.position):
            self.position += len(octets)
            return True
        return False

    def expect(self, octets: bytes) -> None:
        """Read exactly these octets."""
        if not self.accept(octets):
            self.fail(f"'{octets.decode()}'")

    def list_of(self, item: Callable[[], T], *, empty: bool = True) -> list[T]:
        """Read `"(" [item *(SP item)] ")"`; with `empty` false there must be an item."""
        self.expect(b"(")
        self.enter()
        items: list[T] = []
        self._blanks()
        while not self.accept(b")"):
            items.append(item())
            if not self.next_is(b")"):
                self.sp()
        if not items and not empty:
            self.fail("a list that is not empty", "'()'")
        self._depth -= 1
        return items

    def _blanks(self) -> None:
        match = _SPACE.match(self.text, self.position)
        if match is not None:
            self.position = match.end()

    def enter(self) -> None:
        """Go one level deeper; `leave` comes back."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail(f"at most {MAX_DEPTH} levels of nesting", "another")

    def leave(self) -> None:
        """Come back from `enter`."""
        self._depth -= 1

    # -- words ----------------------------------------------------------------------------------

    def atom(self, expected: str = "atom") -> bytes:
        """Read `atom`, strictly."""
        return self.take(_ATOM, expected)

    def keyword(self, expected: str = "keyword") -> str:
        """Read a word of the protocol (letters, digits, `.=+/_-`); returns it in upper case."""
        return self.take(_KEYWORD, expected).upper().decode("ascii")

    def peek_keyword(self) -> str:
        """Return the keyword that comes next without reading it; empty when none does."""
        match = _KEYWORD.match(self.text, self.position)
        return match[0].upper().decode("ascii") if match else ""

    def astring(self, expected: str = "string") -> bytes:
        """Read `astring`: an atom, a quoted string or a literal."""
        match = _ASTRING.match(self.text, self.position)
        if match is None or (match[0] == b"~" and self.text.startswith(b"{", match.end())):
            return self.string(expected)
        self.position = match.end()
        return match[0]

    def string(self, expected: str = "string") -> bytes:
        """Read `string`: quoted or literal; never holds NUL."""
        match = _QUOTED.match(self.text, self.position)
        if match is None:
            return self._literal_string(expected)
        self.position = match.end()
        text = match[1]
        return _ESCAPE.sub(rb"\1", text) if b"\\" in text else text

    def _literal_string(self, expected: str) -> bytes:
        if self.next_is(b"~{"):
            self.fail(expected, "a literal8")
        data = self.literal(expected)
        if b"\0" in data:
            self.fail(expected + " without NUL", "NUL")
        return data

    def literal(self, expected: str = "literal") -> bytes:
        """Read a literal or literal8 of any octets. Raises NeedLiteral when it is not sent yet."""
        match = _LITERAL.match(self.text, self.position)
        if match is None:
            self.fail(expected)
        data = self.literals[self._literal]
        if data is None:
            raise NeedLiteral
        self._literal += 1
        self.position = match.end()
        return data

    def at_literal(self) -> bool:
        """Tell whether a literal (or literal8) comes next."""
        return _LITERAL.match(self.text, self.position) is not None

    def nstring(self, expected: str = "string or NIL") -> bytes | None:
        """Read `nstring`: a string, or NIL as None."""
        return None if self.nil() else self.string(expected)

    def nil(self) -> bool:
        """Read NIL if it comes next; tell whether it did."""
        if self.peek_keyword() != "NIL":
            return False
        self.position += 3
        return True

    # -- values ---------------------------------------------------------------------------------

    def number(self, expected: str = "number", limit: int = 0xFFFFFFFF) -> int:
        """Read `number`: 0 to `limit`, 32 bits unless told."""
        start = self.position
        digits = self.take(_NUMBER, expected)
        # Twenty digits hold 64 bits; int() of thousands of digits would be slow and then refused.
        if len(digits) > 20 or (value := int(digits)) > limit:
            self.position = start
            self.fail(f"{expected} up to {limit}", "more")
        return value

    def nz_number(self, expected: str = "number above 0") -> int:
        """Read `nz-number`: 1 to 4294967295."""
        if self.next_is(b"0"):
            self.fail(expected)
        return self.number(expected)

    def number64(self, expected: str = "number") -> int:
        """Read `mod-sequence-value`: 63 bits (RFC 7162 7)."""
        return self.number(expected, 0x7FFFFFFFFFFFFFFF)

    def sequence_set(self, expected: str = "sequence set") -> Ranges:
        """Read `sequence-set`, or `$` as `sequence.SAVED_RESULT` (RFC 5182 2.1)."""
        start = self.position
        text = self.take(_SET, expected)
        try:
            return sequence.parse(text)
        except ValueError as error:
            self.position = start
            raise ParseError(expected, str(error), start) from error

    def mailbox(self) -> str:
        """Read `mailbox` and decode it. INBOX in any case comes back as `INBOX`.

        Raises MailboxNameError when the name is not modified UTF-7.
        """
        start = self.position
        name = self.decoded(self.astring("mailbox name"), start)
        return "INBOX" if len(name) == 5 and name.upper() == "INBOX" else name

    def list_mailbox(self) -> str:
        """Read `list-mailbox`: a pattern with `%` and `*`, decoded."""
        start = self.position
        return self.decoded(self.astring("mailbox pattern"), start)

    def decoded(self, name: bytes, start: int) -> str:
        """Decode a mailbox name that began at `start`."""
        try:
            return mutf7.decode(name)
        except ValueError as error:
            raise MailboxNameError("mailbox name", "bad UTF-7", start) from error

    def flag_list(self) -> FlagList:
        """Read `flag-list`: flags in parentheses."""
        return self._flags(self.list_of(self._flag))

    def flags(self) -> FlagList:
        """Read `flag-list / (flag *(SP flag))`, what STORE takes."""
        if self.next_is(b"("):
            return self.flag_list()
        names = [self._flag()]
        while self.opt_sp():
            names.append(self._flag())
        return self._flags(names)

    def flag_keyword(self) -> str:
        """Read `flag-keyword`: a flag without a backslash."""
        if self.next_is(b"\\"):
            self.fail("keyword")
        return self._flag().decode("ascii")

    def _flag(self) -> bytes:
        return self.take(_FLAG, "flag")

    def _flags(self, names: list[bytes]) -> FlagList:
        try:
            return flags.flag_list(names)
        except ValueError as error:
            raise ParseError(
                "flag that a client may set", str(error)[:32], self.position
            ) from error

    def date(self) -> datetime.date:
        """Read `date`, quoted or not."""
        return self._dated(self.astring("date"), dates.parse_date, "date such as 1-Feb-1994")

    def date_time(self) -> datetime.datetime:
        """Read `date-time`, which is quoted."""
        expected = "date and time such as 07-Feb-1994 22:43:04 +0100"
        return self._dated(self.string("date and time"), dates.parse_date_time, expected)

    def _dated(self, text: bytes, parse: Callable[[bytes], T], expected: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise ParseError(expected, "another text", self.position) from error

    def text_value(self, expected: str = "string") -> str:
        """Read an astring of UTF-8."""
        start = self.position
        try:
            return self.astring(expected).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError(expected + " in UTF-8", "other octets", start) from error
