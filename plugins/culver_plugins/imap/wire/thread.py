"""The THREAD command (RFC 5256 3)."""

from typing import Final, Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.query import Key
from culver_plugins.imap.wire.search import charset_name
from culver_plugins.imap.wire.search_keys import KeyReader

ALGORITHMS: Final = ("ORDEREDSUBJECT", "REFERENCES", "REFS")
"""REFS is REFERENCES without a look at subjects; the youngest thread comes last."""


class Thread(Command, frozen=True):
    """Ask for the messages that meet `key` as trees of conversations."""

    algorithm: str
    key: Key
    uid: bool = False

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP algorithm SP charset 1*(SP search-key)`."""
        return cls._parse(lexer, uid=False)

    @classmethod
    def parse_uid(cls, lexer: Lexer) -> Self:
        """Read the same behind UID."""
        return cls._parse(lexer, uid=True)

    @classmethod
    def _parse(cls, lexer: Lexer, *, uid: bool) -> Self:
        lexer.sp()
        start = lexer.position
        algorithm = lexer.keyword("thread algorithm")
        if algorithm not in ALGORITHMS:
            lexer.position = start
            lexer.fail("ORDEREDSUBJECT, REFERENCES or REFS", algorithm[:32])
        lexer.sp()
        return cls(algorithm, KeyReader(lexer, charset_name(lexer)).program(), uid)
