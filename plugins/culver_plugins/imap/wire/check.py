"""The CHECK command (RFC 3501 6.4.1)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Check(Command, frozen=True):
    """Ask for a checkpoint of the selected mailbox."""

    @classmethod
    def parse(cls, _lexer: Lexer) -> Self:
        """Read nothing: the command has no arguments."""
        return cls()
