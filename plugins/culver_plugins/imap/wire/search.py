"""The SEARCH command (RFC 3501 6.4.4) with RETURN (RFC 4731, RFC 5182, RFC 5267)."""

from typing import Final, Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.query import Key
from culver_plugins.imap.wire.search_keys import KeyReader

RETURN_OPTIONS: Final = frozenset({"MIN", "MAX", "ALL", "COUNT", "SAVE"})


class Search(Command, frozen=True):
    """Ask which messages meet a condition; the answer holds UIDs when `uid` is set.

    `returns` is None for the old syntax, whose answer is `* SEARCH`; else a subset of
    `RETURN_OPTIONS`, whose answer is `* ESEARCH` (none at all for SAVE alone). An empty
    `RETURN ()` comes back as ALL (RFC 4731 3.1).
    """

    key: Key
    returns: frozenset[str] | None = None
    uid: bool = False

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `[SP RETURN SP "(" options ")"] [SP CHARSET SP charset] 1*(SP search-key)`."""
        return cls._parse(lexer, uid=False)

    @classmethod
    def parse_uid(cls, lexer: Lexer) -> Self:
        """Read the same behind UID."""
        return cls._parse(lexer, uid=True)

    @classmethod
    def _parse(cls, lexer: Lexer, *, uid: bool) -> Self:
        lexer.sp()
        word = lexer.peek_keyword()
        returns = None
        if word == "RETURN":
            returns = _returns(lexer)
            word = lexer.peek_keyword()
        charset = _charset(lexer) if word == "CHARSET" else "UTF-8"
        return cls(KeyReader(lexer, charset).program(), returns, uid)


def _returns(lexer: Lexer) -> frozenset[str]:
    lexer.keyword()
    lexer.sp()
    options = frozenset(lexer.list_of(lambda: _option(lexer)))
    lexer.sp()
    return options or frozenset({"ALL"})


def _option(lexer: Lexer) -> str:
    start = lexer.position
    name = lexer.keyword("search return option")
    if name not in RETURN_OPTIONS:
        lexer.position = start
        lexer.fail("MIN, MAX, ALL, COUNT or SAVE", name[:32])
    return name


def _charset(lexer: Lexer) -> str:
    lexer.keyword()
    lexer.sp()
    charset = lexer.astring("charset").decode("ascii", "replace")
    lexer.sp()
    return charset
