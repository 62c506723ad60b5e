"""The NAMESPACE command (RFC 2342)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Namespace(Command, frozen=True):
    """Ask for the prefixes and separators of the namespaces."""

    @classmethod
    def parse(cls, _lexer: Lexer) -> Self:
        """Read nothing: the command has no arguments."""
        return cls()
