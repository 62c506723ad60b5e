"""The CANCELUPDATE command (RFC 5267 4.3.5)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class CancelUpdate(Command, frozen=True):
    """Ask for no more updates of the searches with these tags."""

    tags: tuple[bytes, ...]

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `1*(SP quoted)`."""
        lexer.sp()
        tags = [_quoted(lexer)]
        while lexer.opt_sp():
            tags.append(_quoted(lexer))
        return cls(tuple(tags))


def _quoted(lexer: Lexer) -> bytes:
    if not lexer.next_is(b'"'):
        lexer.fail("quoted tag")
    return lexer.string("quoted tag")
