"""Address lists of RFC 5322 3.4, and what real mail makes of them.

Nothing is refused: what is missing or broken gets the placeholder that Dovecot shows in ENVELOPE
(MISSING_MAILBOX, MISSING_DOMAIN, SYNTAX_ERROR, INVALID_ROUTE), so that a client sees something
and never sees an address that the header does not have.
"""

from typing import NamedTuple

from culver.mime.lexer import BROKEN, END, MORE, Lexer


class Address(NamedTuple):
    """One address as in ENVELOPE (RFC 3501 7.4.2).

    A group is an Address with its name as the `mailbox` and no domain, its members, and an
    Address with nothing at all.
    """

    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    domain: bytes | None
    valid: bool = True
    """False when placeholders had to be put in, or parts of the text left out"""


def parse_addresses(value: bytes) -> list[Address]:
    """The addresses of a header value, folds included. Never fails."""
    parser = _Parser(value)
    if parser.lexer.skip_space() > 0:
        parser.address_list()
    return parser.found


class _Parser:
    """The parse of one list; the fields are those of the address under construction."""

    __slots__ = ("domain", "found", "lexer", "mailbox", "name", "route", "valid")

    def __init__(self, value: bytes) -> None:
        self.lexer = Lexer(value)
        self.found: list[Address] = []
        self._clear()

    def _clear(self) -> None:
        self.name: bytes | None = None
        self.route: bytes | None = None
        self.mailbox: bytes | None = None
        self.domain: bytes | None = None
        self.valid = True

    def _add(self) -> None:
        self.found.append(Address(self.name, self.route, self.mailbox, self.domain, self.valid))
        self._clear()

    def _add_filled(self) -> None:
        """Add the address with placeholders for what it lacks."""
        if self.mailbox is None:
            self.mailbox, self.valid = b"MISSING_MAILBOX", False
        if not self.domain:
            self.domain, self.valid = b"MISSING_DOMAIN", False
        self._add()

    def address_list(self) -> None:
        """address *("," address); ends at the first thing that is no comma."""
        while self._address() != END and self.lexer.at(b","):
            self.lexer.pos += 1
            ended = self.lexer.skip_space()
            if ended == BROKEN:
                self._add_filled()
            if ended <= 0:
                return

    def _address(self) -> int:
        start = self.lexer.pos
        ended = self._group()
        if ended != BROKEN:
            return ended
        self.lexer.pos = start
        return self._mailbox()

    def _group(self) -> int:
        """phrase ":" [mailboxes] ";"; BROKEN only when it is no group at all."""
        name = bytearray()
        if self.lexer.phrase(name) <= 0 or not self.lexer.at(b":"):
            return BROKEN
        self.lexer.pos += 1
        ended = self.lexer.skip_space()
        self.mailbox, self.valid = bytes(name), ended > 0
        self._add()
        if ended > 0 and not self.lexer.at(b";"):
            ended = self._members()
        if ended != BROKEN and self.lexer.at(b";"):
            self.lexer.pos += 1
            ended = self.lexer.skip_space()
        else:
            ended = BROKEN
        self.valid = ended != BROKEN
        self._add()
        return END if ended == END else MORE

    def _members(self) -> int:
        while True:
            self._mailbox()  # a broken one is shown as such; the next may be whole
            if not self.lexer.at(b","):
                return MORE
            self.lexer.pos += 1
            if self.lexer.skip_space() <= 0:
                return BROKEN

    def _mailbox(self) -> int:
        start = self.lexer.pos
        ended = self._name_addr()
        if ended == BROKEN:
            self.lexer.pos = start
            ended = self._addr_spec()
            if not self.valid and self.name is None and self.domain is None:
                self.name, self.mailbox = self.mailbox, None
        self.valid = self.valid and ended != BROKEN
        self._add_filled()
        return ended

    def _name_addr(self) -> int:
        """[display-name] "<" ... ">"."""
        name = bytearray()
        if self.lexer.phrase(name) <= 0 or not self.lexer.at(b"<"):
            return BROKEN
        self.name = bytes(name) or None
        if self._angle_addr() == BROKEN:
            self.domain, self.valid = b"SYNTAX_ERROR", False
        return self.lexer.left()

    def _angle_addr(self) -> int:
        lexer = self.lexer
        lexer.pos += 1
        if lexer.skip_space() <= 0:
            return BROKEN
        if lexer.at(b"@"):
            if self._route() > 0 and lexer.at(b":"):
                lexer.pos += 1
            else:
                self.route = b"INVALID_ROUTE"
            if lexer.skip_space() <= 0:
                return BROKEN
        if not lexer.at(b">"):
            if self._local_part() <= 0:
                return BROKEN
            if lexer.at(b"@") and self._domain() <= 0:
                return BROKEN
        if not lexer.at(b">"):
            return BROKEN
        lexer.pos += 1
        return lexer.skip_space()

    def _route(self) -> int:
        """obs-domain-list of RFC 5322 4.4: "@a,@b" before a colon."""
        route = bytearray()
        while self.lexer.at(b"@"):
            route += b",@" if route else b"@"
            ended = self.lexer.domain(route)
            if ended <= 0:
                return ended
            while self.lexer.skip_space() > 0 and self.lexer.at(b","):
                self.lexer.pos += 1
        if self.lexer.pos >= self.lexer.end:
            return END
        self.route = bytes(route)
        return MORE

    def _addr_spec(self) -> int:
        """local-part "@" domain, with an RFC 822 comment for a name; or just some words."""
        lexer = self.lexer
        lexer.comment = b""
        quoted = lexer.at(b'"')
        text = bytearray()
        ended = self._local_part(text)
        self.valid = self.valid and ended > 0
        with_domain = ended != END and lexer.at(b"@")
        if with_domain:
            text = bytearray()
            after = self._domain(text)
            ended = after if after <= 0 else ended
        if lexer.comment:
            self.name = lexer.comment
        elif not with_domain:
            self._words(text, quoted)
            ended = BROKEN
        return ended

    def _words(self, text: bytearray, quoted: bool) -> None:
        """No "@" came: one word is a mailbox without a domain, more words are a name."""
        text += b" "
        before = len(text)
        self.lexer.phrase(text)
        if len(text) != before:
            self.mailbox, self.name = None, bytes(text)
        elif not quoted:
            self.domain = b""
        self.valid = False

    def _local_part(self, text: bytearray | None = None) -> int:
        text = bytearray() if text is None else text
        ended = self.lexer.quoted(text) if self.lexer.at(b'"') else self._loose_dot_atom(text)
        if ended != BROKEN:
            self.mailbox = bytes(text)
        return ended

    def _loose_dot_atom(self, text: bytearray) -> int:
        """Atoms and dots in any order: "a..b@" and ".a.@" exist (Japanese mobile mail)."""
        lexer = self.lexer
        ended = BROKEN
        while True:
            while lexer.at(b"."):
                text += b"."
                lexer.pos += 1
                if lexer.pos >= lexer.end:
                    return END
                ended = MORE
            if lexer.at(b"@"):
                return ended
            ended = lexer.atom(text)
            if ended <= 0 or not lexer.at(b"."):
                return ended

    def _domain(self, text: bytearray | None = None) -> int:
        text = bytearray() if text is None else text
        ended = self.lexer.domain(text)
        if ended != BROKEN:
            self.domain = bytes(text)
        return ended
