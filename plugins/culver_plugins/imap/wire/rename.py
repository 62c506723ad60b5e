"""The RENAME command (RFC 3501 6.3.5)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Rename(Command, frozen=True):
    """Give a mailbox and its children another name."""

    mailbox: str
    new_name: str

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP mailbox SP mailbox`."""
        lexer.sp()
        mailbox = lexer.mailbox()
        lexer.sp()
        return cls(mailbox, lexer.mailbox())
