"""The CLOSE command (RFC 3501 6.4.2)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Close(Command, frozen=True):
    """Expunge and leave the selected mailbox."""

    @classmethod
    def parse(cls, _lexer: Lexer) -> Self:
        """Read nothing: the command has no arguments."""
        return cls()
