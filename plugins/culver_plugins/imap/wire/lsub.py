"""The LSUB command (RFC 3501 6.3.9)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Lsub(Command, frozen=True):
    """List subscribed names that match."""

    reference: str
    pattern: str

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP mailbox SP list-mailbox`."""
        lexer.sp()
        reference = lexer.list_mailbox()
        lexer.sp()
        return cls(reference, lexer.list_mailbox())
