"""The UNSUBSCRIBE command (RFC 3501 6.3.7)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Unsubscribe(Command, frozen=True):
    """Take a name out of the subscriptions."""

    mailbox: str

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP mailbox`."""
        lexer.sp()
        return cls(lexer.mailbox())
