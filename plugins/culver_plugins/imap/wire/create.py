r"""The CREATE command (RFC 3501 6.3.3), with `(USE (\Sent))` (RFC 6154 3)."""

import re
from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer

_USE = re.compile(rb"\\[A-Za-z]++")


class Create(Command, frozen=True):
    r"""Make a mailbox. `special_use` holds attributes with their backslash, `\Sent`."""

    mailbox: str
    special_use: tuple[str, ...] = ()

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP mailbox [SP "(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"]`."""
        lexer.sp()
        mailbox = lexer.mailbox()
        if not lexer.opt_sp():
            return cls(mailbox)
        uses: list[str] = []

        def parameter() -> None:
            if lexer.keyword("USE") != "USE":
                lexer.fail("USE", "another parameter")
            lexer.sp()
            uses.extend(lexer.list_of(lambda: _use(lexer)))

        lexer.list_of(parameter)
        return cls(mailbox, tuple(uses))


def _use(lexer: Lexer) -> str:
    return lexer.take(_USE, "special-use attribute").decode("ascii")
