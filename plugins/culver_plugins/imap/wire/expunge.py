"""The EXPUNGE command (RFC 3501 6.4.3) and UID EXPUNGE (RFC 4315 2.1)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.sequence import Ranges


class Expunge(Command, frozen=True):
    r"""Remove the messages that are \Deleted: all of them, or those among `uids`."""

    uids: Ranges | None = None

    @classmethod
    def parse(cls, _lexer: Lexer) -> Self:
        """Read nothing."""
        return cls()

    @classmethod
    def parse_uid(cls, lexer: Lexer) -> Self:
        """Read `SP sequence-set`."""
        lexer.sp()
        return cls(lexer.sequence_set())
