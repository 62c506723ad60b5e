"""Boundary lines of nested multiparts (RFC 2046 5.1.1)."""

from typing import NamedTuple

_END_LINE = 84
"""How much of a last line without an end is compared: 80 and the dashes."""


class Boundary:
    """An open multipart's boundary and where it comes next, as far as was looked."""

    __slots__ = ("depth", "needle", "next")

    def __init__(self, text: bytes, depth: int) -> None:
        self.needle = b"--" + text
        self.depth = depth
        self.next = -1


class BoundaryLine(NamedTuple):
    """A line that ends a part."""

    start: int
    """the offset of its first dash"""
    end: int
    """the offset behind the line's end"""
    boundary: Boundary
    """the one it shows; `boundary.depth` parts stay open after it"""
    last: bool
    """whether it is the end boundary"""
    child_starts: bool
    """whether another part follows: not after the end boundary, nor at the end of the message"""


class BoundaryStack:
    """The boundaries in force, innermost last."""

    __slots__ = ("_data", "_stack")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._stack: list[Boundary] = []

    def __len__(self) -> int:
        return len(self._stack)

    def push(self, text: bytes, depth: int) -> None:
        """A multipart begins that is the `depth`th open part."""
        self._stack.append(Boundary(text, depth))

    def dashes_follow(self, pos: int) -> bool:
        """Whether any line from `pos` on (the start of a line) begins with two dashes."""
        return self._data.startswith(b"--", pos) or self._data.find(b"\n--", pos) >= 0

    def find(self, pos: int) -> BoundaryLine | None:
        """The next line from `pos` on (the start of a line) that is a boundary, or None."""
        while self._stack:
            start = self._next_candidate(pos)
            if start >= len(self._data):
                return None
            line = self._match(start)
            if line is not None:
                return line
            pos = start + 2
            newline = self._data.find(b"\n", pos)
            if newline < 0:
                return None
            pos = newline + 1
        return None

    def close(self, line: BoundaryLine) -> None:
        """Forget the boundaries inside the part that `line` belongs to, and an ended one too."""
        while self._stack[-1] is not line.boundary:
            self._stack.pop()
        if line.last:
            self._stack.pop()

    def _next_candidate(self, pos: int) -> int:
        """The first line start from `pos` on where any boundary stands, or the end.

        From the outermost in, each is looked for only up to where the one outside it was found:
        beyond that it will be forgotten. So no byte is searched more than once a level.
        """
        limit = len(self._data)
        for boundary in self._stack:
            if boundary.next < pos:
                boundary.next = self._search(boundary.needle, pos, limit)
            limit = min(limit, boundary.next)
        return limit

    def _search(self, needle: bytes, pos: int, limit: int) -> int:
        if self._data.startswith(needle, pos):
            return min(pos, limit)
        found = self._data.find(b"\n" + needle, pos, limit + len(needle))
        return found + 1 if 0 <= found < limit else limit

    def _match(self, start: int) -> BoundaryLine | None:
        """The boundary that the line at `start` shows: an exact one, else the longest prefix."""
        newline = self._data.find(b"\n", start)
        end = newline if newline >= 0 else min(len(self._data), start + 2 + _END_LINE)
        text = self._data[start:end]
        text = text[:-1] if newline >= 0 and text.endswith(b"\r") else text
        best = self._best(text, newline >= 0 and len(text) > 4 and text.endswith(b"--"))
        if best is None:
            return None
        last = self._data.startswith(b"--", start + len(best.needle))
        stop = newline + 1 if newline >= 0 else len(self._data)
        return BoundaryLine(start, stop, best, last, newline >= 0 and not last)

    def _best(self, text: bytes, dashes: bool) -> Boundary | None:
        best: Boundary | None = None
        for boundary in reversed(self._stack):
            size = len(boundary.needle)
            if not text.startswith(boundary.needle) or (best and size <= len(best.needle)):
                continue
            best = boundary
            # "--foo--" may be the end of "foo" or a part of "foo--".
            if size == len(text) or (dashes and size == len(text) - 2):
                break
        return best
