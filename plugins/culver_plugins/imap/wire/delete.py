"""The DELETE command (RFC 3501 6.3.4)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Delete(Command, frozen=True):
    """Remove a mailbox and its mail."""

    mailbox: str

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP mailbox`."""
        lexer.sp()
        return cls(lexer.mailbox())
