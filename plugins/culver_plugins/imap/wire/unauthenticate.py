"""The UNAUTHENTICATE command (RFC 8437 2)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Unauthenticate(Command, frozen=True):
    """Go back to the state before login on the same connection."""

    @classmethod
    def parse(cls, _lexer: Lexer) -> Self:
        """Read nothing: the command has no arguments."""
        return cls()
