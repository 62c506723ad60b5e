"""What is wrong with a filter: where, what was found, and what is allowed there."""

from collections.abc import Iterable
from difflib import get_close_matches


class FilterError(ValueError):
    """A filter that can't be understood, or could never match.

    `position` counts characters from 0. `nearest` is the known name that the unknown one looks
    most like, if any does.
    """

    def __init__(
        self,
        text: str,
        position: int,
        found: str,
        problem: str,
        allowed: str = "",
        nearest: str | None = None,
    ) -> None:
        self.text = text
        self.position = position
        self.found = found
        self.problem = problem
        self.allowed = allowed
        self.nearest = nearest
        super().__init__(self._message())

    def _message(self) -> str:
        parts = [f"filter column {self.position + 1}: {self.problem}"]
        if self.nearest:
            parts.append(f"did you mean {self.nearest}?")
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        return "; ".join(parts)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`, or None when none looks alike."""
    found = get_close_matches(name, list(known), n=1, cutoff=0.7)
    return found[0] if found else None
