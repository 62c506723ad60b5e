"""The COMPRESS command (RFC 4978 3)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Compress(Command, frozen=True):
    """Compress both directions from now on; `mechanism` is in upper case."""

    mechanism: str

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP algorithm`."""
        lexer.sp()
        return cls(lexer.atom("algorithm").upper().decode("ascii"))
