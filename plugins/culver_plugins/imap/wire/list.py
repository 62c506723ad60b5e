"""The LIST command (RFC 3501 6.3.8) and its extensions (RFC 5258, RFC 5819, RFC 6154)."""

from typing import Final, Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.status import status_items

SELECTION: Final = frozenset({"SUBSCRIBED", "RECURSIVEMATCH", "REMOTE", "SPECIAL-USE"})
RETURNS: Final = frozenset({"SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "STATUS"})


class List(Command, frozen=True):
    """List mailboxes that match.

    `selection` and `returns` are subsets of `SELECTION` and `RETURNS`; `status` holds the items of
    RETURN (STATUS (...)). `extended` tells that the client used any of the syntax of RFC 5258,
    which changes what `LIST "" ""` means and which attributes are sent.
    """

    reference: str
    patterns: tuple[str, ...]
    selection: frozenset[str] = frozenset()
    returns: frozenset[str] = frozenset()
    status: tuple[str, ...] = ()
    extended: bool = False

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP ["(" options ")" SP] mailbox SP patterns [SP "RETURN" SP "(" options ")"]`."""
        lexer.sp()
        selected = lexer.next_is(b"(")
        selection = _selection(lexer) if selected else frozenset[str]()
        reference = lexer.list_mailbox()
        lexer.sp()
        several = lexer.next_is(b"(")
        patterns = (
            lexer.list_of(lexer.list_mailbox, empty=False) if several else [lexer.list_mailbox()]
        )
        returning = lexer.opt_sp()
        returns, status = _returns(lexer) if returning else (frozenset[str](), ())
        extended = selected or several or returning
        return cls(reference, tuple(patterns), selection, returns, status, extended)


def _selection(lexer: Lexer) -> frozenset[str]:
    options = frozenset(lexer.list_of(lambda: _option(lexer, SELECTION)))
    # RFC 5258 3.1: RECURSIVEMATCH needs a selection to recurse for; REMOTE is none.
    if "RECURSIVEMATCH" in options and options <= {"RECURSIVEMATCH", "REMOTE"}:
        lexer.fail("a selection beside RECURSIVEMATCH", "none")
    lexer.sp()
    return options


def _returns(lexer: Lexer) -> tuple[frozenset[str], tuple[str, ...]]:
    if lexer.keyword("RETURN") != "RETURN":
        lexer.fail("RETURN", "another keyword")
    lexer.sp()
    status: tuple[str, ...] = ()

    def option() -> str:
        nonlocal status
        name = _option(lexer, RETURNS)
        if name == "STATUS":
            lexer.sp()
            status = status_items(lexer)
        return name

    return frozenset(lexer.list_of(option)), status


def _option(lexer: Lexer, known: frozenset[str]) -> str:
    start = lexer.position
    name = lexer.keyword("list option")
    if name not in known:
        lexer.position = start
        lexer.fail("list option", name[:32])
    return name
