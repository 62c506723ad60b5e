"""Sequence sets (RFC 3501 9 `sequence-set`): parsing, resolving `*`, formatting."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, Protocol, Self, runtime_checkable

Ranges = tuple[tuple[int, int], ...]
"""Sorted, merged, inclusive `(low, high)` pairs; `high` (or both) may be `STAR`."""

# One above the largest number the grammar allows, so that `4294967295` sent by a client and `*`
# stay different things and `*` still sorts last.
STAR: Final = 1 << 32
_MAX: Final = STAR - 1

SAVED_RESULT: Final[Ranges] = ((0, 0),)
"""`$`, the result of the last SEARCH RETURN (SAVE) (RFC 5182). Zero is no legal number."""

_ITEM = rb"(?:[1-9][0-9]{0,9}|\*)(?::(?:[1-9][0-9]{0,9}|\*))?"
SEQUENCE_SET: Final = re.compile(_ITEM + rb"(?:," + _ITEM + rb")*+")
"""Where a sequence set starts and ends; numbers over 32 bits are caught by `parse`."""


@runtime_checkable
class Bitmap(Protocol):
    """The part of pyroaring's BitMap that formatting needs."""

    def shift(self, offset: int, /) -> Self:
        """Return a copy with `offset` added to every number."""
        ...

    def __sub__(self, other: Self, /) -> Self: ...
    def __iter__(self) -> Iterator[int]: ...


def parse(text: bytes) -> Ranges:
    """Return the ranges of a text that `SEQUENCE_SET` matched, or `$`.

    Raises ValueError for a number over 4294967295 (RFC 3501 9 `nz-number`).
    """
    if text == b"$":
        return SAVED_RESULT
    if text.isdigit():  # one number: what most UID FETCH and STORE commands carry
        number = _number(text)
        return ((number, number),)
    return merge(_pair(item) for item in text.split(b","))


def _number(text: bytes) -> int:
    if text == b"*":
        return STAR
    number = int(text)
    if number > _MAX:
        raise ValueError("number over 4294967295")
    return number


def _pair(item: bytes) -> tuple[int, int]:
    low, colon, high = item.partition(b":")
    first = _number(low)
    if not colon:
        return first, first
    last = _number(high)
    return (first, last) if first <= last else (last, first)


def merge(pairs: Iterable[tuple[int, int]]) -> Ranges:
    """Sort ranges and join those that touch or overlap.

    `*` never merges with its neighbours: which number it is is not known yet.
    """
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pairs):
        if merged and low <= merged[-1][1] + 1 and low != STAR:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        elif not merged or merged[-1] != (low, high):
            merged.append((low, high))
    return tuple(merged)


def resolve(ranges: Ranges, largest: int) -> Ranges:
    """Replace `*` by `largest`, the number of messages or the largest UID.

    With `largest` 0 (an empty mailbox) `*` stands for nothing. `559:*` always holds the last
    message, even when 559 is beyond it (RFC 3501 9, the comment on `seq-range`).
    """
    if not ranges or ranges[-1][1] != STAR:
        return ranges
    fixed = (_fix(low, high, largest) for low, high in ranges if largest or high != STAR)
    return merge(fixed)


def _fix(low: int, high: int, largest: int) -> tuple[int, int]:
    if high != STAR:
        return low, high
    if low == STAR:
        return largest, largest
    return min(low, largest), max(low, largest)


def has_star(ranges: Ranges) -> bool:
    """Tell whether `*` occurs."""
    return bool(ranges) and ranges[-1][1] == STAR


def count(ranges: Ranges) -> int:
    """Return how many numbers a resolved set holds."""
    return sum(high - low + 1 for low, high in ranges)


def numbers(ranges: Ranges) -> Iterator[int]:
    """Iterate over a resolved set. Bound it first: `1:4294967295` is 16 octets long."""
    return chain.from_iterable(range(low, high + 1) for low, high in ranges)


def to_ranges(uids: Bitmap | Iterable[int]) -> Ranges:
    """Return the ranges of a BitMap, or of ints in ascending order."""
    if isinstance(uids, Bitmap):
        # Set algebra instead of a loop over the members: a number starts a range when the one
        # below it is missing, and ends one when the one above it is missing.
        return tuple(zip(uids - uids.shift(1), uids - uids.shift(-1), strict=True))
    return merge((uid, uid) for uid in uids)


def format_ranges(ranges: Ranges) -> bytes:
    """Write ranges as a sequence set; empty for no ranges."""
    if ranges == SAVED_RESULT:
        return b"$"
    return ",".join(
        _name(low) if low == high else f"{_name(low)}:{_name(high)}" for low, high in ranges
    ).encode()


def _name(number: int) -> str:
    return "*" if number == STAR else str(number)


def format_set(uids: Bitmap | Iterable[int]) -> bytes:
    """Write a BitMap, or ints in ascending order, as `1:3,5`."""
    return format_ranges(to_ranges(uids))
