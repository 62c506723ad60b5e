"""What an output format is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import BinaryIO

import msgspec


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the output."""

    key: str
    title: str
    hidden: bool = False
    """Formats that print titles with each value leave this one's out."""
    sticky: bool = False
    """Its value is set once and printed in every row."""
    right: bool = False
    expand: bool = False
    """Takes what is left of the line's width (table)."""


class Formatter(ABC):
    """Writes values, one after the other, row by row.

    ``hide_titles`` is doveadm's ``-h``: no line of titles.
    """

    def __init__(
        self, out: BinaryIO, headers: Sequence[Header], *, hide_titles: bool = False
    ) -> None:
        self.out = out
        self.headers = headers
        self.hide_titles = hide_titles
        self.place = 0
        """Index of the next value's header."""

    def start(self) -> None:  # noqa: B027 - optional
        """All headers are known now."""

    @abstractmethod
    def value(self, text: str) -> None:
        """The next value."""

    @abstractmethod
    def stream(self, data: bytes) -> None:
        """The next value, of many lines perhaps."""

    def finish(self) -> None:  # noqa: B027 - optional
        """There are no more."""

    def step(self) -> bool:
        """Go to the next header; True when a row ended."""
        self.place += 1
        if self.place < len(self.headers):
            return False
        self.place = 0
        return True


def utf8(text: str) -> bytes:
    """The bytes of a text, those that were no UTF-8 as they came."""
    return text.encode("utf-8", "surrogateescape")
