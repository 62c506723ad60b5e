"""LIST patterns: ``*`` matches anything, ``%`` anything but the separator (RFC 3501 6.3.8)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

WILDCARDS = "*%"


def matches(patterns: Iterable[str], name: str, separator: str) -> bool:
    """Whether any of the patterns matches the whole name.  INBOX compares without case, also as
    the first part of a name."""
    return any(compile_pattern(pattern, separator).fullmatch(name) for pattern in patterns)


def matches_parent(patterns: Iterable[str], name: str, separator: str) -> bool:
    """Whether a name below ``name`` could match: whether a walk of the tree must go down."""
    probe = name + separator
    return any(compile_pattern(pattern, separator).begins(probe) for pattern in patterns)


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, separator: str) -> Pattern:
    """The pattern, ready to be matched often."""
    return Pattern(pattern, separator)


class Pattern:
    """A pattern as a set of states in the bits of one integer.

    A regular expression would backtrack: with ``*a*a*a*a*a*b`` a client could hold the server for
    minutes.  Here each character of a name costs a few operations on an integer, whatever the
    pattern.  Bit n is set while the first n items have matched.
    """

    __slots__ = ("_any", "_end", "_level", "_moves", "_separator", "_wild")

    def __init__(self, pattern: str, separator: str) -> None:
        items = _fold(pattern)
        self._separator = separator
        self._end = 1 << len(items)
        self._any = sum(1 << at for at, item in enumerate(items) if item == "*")
        self._level = sum(1 << at for at, item in enumerate(items) if item == "%")
        self._wild = self._any | self._level
        self._moves: dict[str, int] = {}
        inbox = _is_inbox(pattern, separator)
        for at, item in enumerate(items):
            if item not in WILDCARDS:
                both = item.upper() + item.lower() if inbox and at < len("INBOX") else item
                for char in set(both):
                    self._moves[char] = self._moves.get(char, 0) | 1 << at

    def fullmatch(self, name: str) -> bool:
        """Whether the whole name matches."""
        return bool(self._run(name) & self._end)

    def begins(self, prefix: str) -> bool:
        """Whether some name that begins so could match."""
        return bool(self._run(prefix) & (self._end - 1))

    def _run(self, text: str) -> int:
        states = self._skip(1)
        for char in text:
            stay = self._any if char == self._separator else self._wild
            move = self._moves.get(char, 0)
            states = self._skip((states & move) << 1 | states & stay)
            if not states:
                break
        return states

    def _skip(self, states: int) -> int:
        """Wildcards may match nothing; folded ones never stand side by side."""
        return states | (states & self._wild) << 1


def _fold(pattern: str) -> str:
    """Runs of wildcards as one: ``%*%`` is ``*``, ``%%`` is ``%``."""
    items: list[str] = []
    for char in pattern:
        if char in WILDCARDS and items and items[-1] in WILDCARDS:
            items[-1] = "*" if "*" in (char, items[-1]) else "%"
        else:
            items.append(char)
    return "".join(items)


def _is_inbox(pattern: str, separator: str) -> bool:
    first, found, _ = pattern.partition(separator)
    return first.upper() == "INBOX" and bool(found or len(pattern) == len(first))
