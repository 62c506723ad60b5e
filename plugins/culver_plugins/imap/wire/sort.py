"""The SORT command (RFC 5256 3) with SORT=DISPLAY (RFC 5957) and RETURN (ESORT, RFC 5267 3)."""

from typing import Final, Self

from msgspec import Struct

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.query import Key
from culver_plugins.imap.wire.search import charset_name
from culver_plugins.imap.wire.search_keys import KeyReader
from culver_plugins.imap.wire.search_return import Partial, returns

SORT_KEYS: Final = frozenset({
    "ARRIVAL", "CC", "DATE", "DISPLAYFROM", "DISPLAYTO", "FROM", "SIZE", "SUBJECT", "TO",
})  # fmt: skip


class SortKey(Struct, frozen=True):
    """One criterion, of `SORT_KEYS`; `reverse`: the other way round."""

    name: str
    reverse: bool = False


class Sort(Command, frozen=True):
    """Ask for the messages that meet `key`, in the order of `order`, the first criterion first.

    `returns` and `partial` are as in `search.Search`.
    """

    order: tuple[SortKey, ...]
    key: Key
    returns: frozenset[str] | None = None
    uid: bool = False
    partial: Partial | None = None

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `[SP RETURN SP "(" options ")"] SP "(" sort-keys ")" SP charset 1*(SP key)`."""
        return cls._parse(lexer, uid=False)

    @classmethod
    def parse_uid(cls, lexer: Lexer) -> Self:
        """Read the same behind UID."""
        return cls._parse(lexer, uid=True)

    @classmethod
    def _parse(cls, lexer: Lexer, *, uid: bool) -> Self:
        lexer.sp()
        wanted = returns(lexer) if lexer.peek_keyword() == "RETURN" else None
        order = _order(lexer)
        lexer.sp()
        key = KeyReader(lexer, charset_name(lexer)).program()
        if wanted is None:
            return cls(order, key, None, uid)
        return cls(order, key, wanted.options, uid, wanted.partial)


def _order(lexer: Lexer) -> tuple[SortKey, ...]:
    criteria = lexer.list_of(lambda: _criterion(lexer), empty=False)
    # Of a criterion that is named twice the second decides nothing.
    return tuple({each.name: each for each in reversed(criteria)}[name] for name in dict.fromkeys(
        each.name for each in criteria
    ))  # fmt: skip


def _criterion(lexer: Lexer) -> SortKey:
    reverse = False
    start = lexer.position
    name = lexer.keyword("sort key")
    if name == "REVERSE":
        reverse = True
        lexer.sp()
        start = lexer.position
        name = lexer.keyword("sort key")
    if name not in SORT_KEYS:
        lexer.position = start
        lexer.fail("sort key such as DATE or SUBJECT", name[:32])
    return SortKey(name, reverse)
