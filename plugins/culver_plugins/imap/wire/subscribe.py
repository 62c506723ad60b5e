"""The SUBSCRIBE command (RFC 3501 6.3.6)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Subscribe(Command, frozen=True):
    """Add a name to the subscriptions."""

    mailbox: str

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP mailbox`."""
        lexer.sp()
        return cls(lexer.mailbox())
