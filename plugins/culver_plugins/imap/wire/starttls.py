"""The STARTTLS command (RFC 3501 6.2.1)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class StartTls(Command, frozen=True):
    """Begin TLS on this connection."""

    @classmethod
    def parse(cls, _lexer: Lexer) -> Self:
        """Read nothing: the command has no arguments."""
        return cls()
