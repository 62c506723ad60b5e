"""The NOOP command (RFC 3501 6.1.2)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Noop(Command, frozen=True):
    """Do nothing, but tell what is new."""

    @classmethod
    def parse(cls, _lexer: Lexer) -> Self:
        """Read nothing: the command has no arguments."""
        return cls()
