"""The CAPABILITY command (RFC 3501 6.1.1)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Capability(Command, frozen=True):
    """Ask which capabilities the server has."""

    @classmethod
    def parse(cls, _lexer: Lexer) -> Self:
        """Read nothing: the command has no arguments."""
        return cls()
