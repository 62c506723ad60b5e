"""The ENABLE command (RFC 5161 3.1)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Enable(Command, frozen=True):
    """Switch extensions on. Names are upper case, known or not: unknown ones are ignored."""

    names: tuple[str, ...]

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `1*(SP capability)`."""
        lexer.sp()
        names = [_name(lexer)]
        while lexer.opt_sp():
            names.append(_name(lexer))
        return cls(tuple(names))


def _name(lexer: Lexer) -> str:
    return lexer.atom("capability").upper().decode("ascii")
