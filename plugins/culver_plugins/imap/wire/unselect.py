"""The UNSELECT command (RFC 3691)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Unselect(Command, frozen=True):
    """Leave the selected mailbox without expunging."""

    @classmethod
    def parse(cls, _lexer: Lexer) -> Self:
        """Read nothing: the command has no arguments."""
        return cls()
