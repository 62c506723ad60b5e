"""The COPY command (RFC 3501 6.4.7) and its UID form."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.sequence import Ranges


class Copy(Command, frozen=True):
    """Copy messages; `ids` are UIDs when `uid` is set."""

    ids: Ranges
    mailbox: str
    uid: bool = False

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP sequence-set SP mailbox`."""
        return cls._parse(lexer, uid=False)

    @classmethod
    def parse_uid(cls, lexer: Lexer) -> Self:
        """Read the same behind UID."""
        return cls._parse(lexer, uid=True)

    @classmethod
    def _parse(cls, lexer: Lexer, *, uid: bool) -> Self:
        lexer.sp()
        ids = lexer.sequence_set()
        lexer.sp()
        return cls(ids, lexer.mailbox(), uid)
