"""The SEARCH command (RFC 3501 6.4.4) with RETURN (RFC 4731, RFC 5182, RFC 5267)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.query import Key
from culver_plugins.imap.wire.search_keys import KeyReader
from culver_plugins.imap.wire.search_return import Partial, returns


class Search(Command, frozen=True):
    """Ask which messages meet a condition; the answer holds UIDs when `uid` is set.

    `returns` is None for the old syntax, whose answer is `* SEARCH`; else a subset of
    `search_return.RETURN_OPTIONS`, whose answer is `* ESEARCH` (none at all for SAVE alone). An
    empty `RETURN ()` comes back as ALL (RFC 4731 3.1). `partial` is set with PARTIAL only.
    """

    key: Key
    returns: frozenset[str] | None = None
    uid: bool = False
    partial: Partial | None = None

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
        wanted = None
        if word == "RETURN":
            wanted = returns(lexer)
            word = lexer.peek_keyword()
        charset = _charset(lexer) if word == "CHARSET" else "UTF-8"
        key = KeyReader(lexer, charset).program()
        if wanted is None:
            return cls(key, None, uid)
        return cls(key, wanted.options, uid, wanted.partial)


def _charset(lexer: Lexer) -> str:
    lexer.keyword()
    lexer.sp()
    return charset_name(lexer)


def charset_name(lexer: Lexer) -> str:
    """Read `charset SP`."""
    charset = lexer.astring("charset").decode("ascii", "replace")
    lexer.sp()
    return charset
