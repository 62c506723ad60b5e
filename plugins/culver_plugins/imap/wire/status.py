"""The STATUS command (RFC 3501 6.3.10, RFC 7162 3.1.7, RFC 8438)."""

from typing import Final, Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer

STATUS_ITEMS: Final = frozenset({
    "MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ", "SIZE",
    "APPENDLIMIT", "DELETED", "MAILBOXID", "X-SIZE", "X-GUID",
})  # fmt: skip
"""What can be asked of a mailbox; the last two are Dovecot's own."""


class Status(Command, frozen=True):
    """Ask about a mailbox without selecting it. Items are upper case, each once."""

    mailbox: str
    items: tuple[str, ...]

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP mailbox SP "(" status-att *(SP status-att) ")"`."""
        lexer.sp()
        mailbox = lexer.mailbox()
        lexer.sp()
        return cls(mailbox, status_items(lexer))


def status_items(lexer: Lexer) -> tuple[str, ...]:
    """Read the list of items, as in STATUS and in LIST ... RETURN (STATUS (...))."""
    return tuple(dict.fromkeys(lexer.list_of(lambda: _item(lexer), empty=False)))


def _item(lexer: Lexer) -> str:
    start = lexer.position
    item = lexer.keyword("status item")
    if item not in STATUS_ITEMS:
        lexer.position = start
        lexer.fail("status item", item[:32])
    return item
