"""RETURN of SEARCH and SORT (RFC 4731 3.1, RFC 5182, RFC 5267 4, RFC 9394)."""

import re
from typing import Final

from msgspec import Struct

from culver_plugins.imap.wire.lexer import Lexer

RETURN_OPTIONS: Final = frozenset(
    {"MIN", "MAX", "ALL", "COUNT", "SAVE", "CONTEXT", "PARTIAL", "UPDATE"}
)
"""CONTEXT is a hint that a client will ask again (RFC 5267 4.2): nothing follows from it here.
UPDATE asks to be told what later changes of the result (RFC 5267 4.3)."""

_PARTIAL: Final = re.compile(rb"(-?)([1-9][0-9]{0,9}):(-?)([1-9][0-9]{0,9})")


class Partial(Struct, frozen=True):
    """PARTIAL: from the `low`-th to the `high`-th result, counted from 1; both included.

    `from_end`: counted from the last result on (RFC 9394 3.1).
    """

    low: int
    high: int
    from_end: bool = False

    def wire(self) -> bytes:
        """Write the range as it comes back in the answer."""
        sign = b"-" if self.from_end else b""
        return b"%b%d:%b%d" % (sign, self.low, sign, self.high)

    def of(self, count: int) -> slice:
        """Return which of `count` results are meant."""
        if self.from_end:
            return slice(max(count - self.high, 0), max(count - self.low + 1, 0))
        return slice(self.low - 1, self.high)


class Returns(Struct, frozen=True):
    """What the answer holds: a subset of `RETURN_OPTIONS`, never empty."""

    options: frozenset[str]
    partial: Partial | None = None


def returns(lexer: Lexer) -> Returns:
    """Read `RETURN SP "(" options ")" SP`. An empty list means ALL (RFC 4731 3.1)."""
    lexer.keyword()
    lexer.sp()
    ranges: list[Partial] = []
    options = frozenset(lexer.list_of(lambda: _option(lexer, ranges)))
    lexer.sp()
    if len(ranges) > 1 or (ranges and "ALL" in options):
        # RFC 5267 4.4: one PARTIAL, and not beside ALL.
        lexer.fail("one PARTIAL without ALL", "another option")
    # CONTEXT or UPDATE alone asks for nothing, and then RFC 4731's default holds.
    asked = options if options - {"CONTEXT", "UPDATE"} else options | {"ALL"}
    return Returns(asked, ranges[0] if ranges else None)


def _option(lexer: Lexer, ranges: list[Partial]) -> str:
    start = lexer.position
    name = lexer.keyword("search return option")
    if name not in RETURN_OPTIONS:
        lexer.position = start
        lexer.fail("MIN, MAX, ALL, COUNT, SAVE, PARTIAL, UPDATE or CONTEXT", name[:32])
    if name == "PARTIAL":
        lexer.sp()
        ranges.append(partial(lexer))
    return name


def partial(lexer: Lexer) -> Partial:
    """Read `partial-range`: two numbers above 0, both or none of them negative."""
    expected = "range such as 1:500 or -1:-100"
    found = _PARTIAL.fullmatch(lexer.take(_PARTIAL, expected))
    assert found is not None
    low, high = sorted((int(found[2]), int(found[4])))
    if found[1] != found[3] or high > 0xFFFFFFFF:
        lexer.fail(expected, "another")
    return Partial(low, high, found[1] == b"-")
