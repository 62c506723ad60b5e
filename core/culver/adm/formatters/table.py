"""Columns, padded to what the first hundred rows need."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from culver.adm.errors import AdmError
from culver.adm.formatters.formatter import Formatter, Header, utf8

_COLUMNS: Final = 80
"""Width of what is no terminal."""
_MIN_COLUMNS: Final = 30
_BUFFERED: Final = 100
"""Rows that decide how wide the columns are."""


class TableFormatter(Formatter):
    """The format for people."""

    def start(self) -> None:
        self._waiting: list[str] = []
        self._widths: list[int] | None = None

    def value(self, text: str) -> None:
        if self._widths is None:
            if len(self._waiting) < _BUFFERED * len(self.headers):
                self._waiting.append(text)
                return
            self._flush()
        self._print(text)

    def stream(self, data: bytes) -> None:
        if b"\n" in data:
            raise AdmError("table formatter doesn't support multi-line values")
        self.value(data.decode("utf-8", "surrogateescape"))

    def finish(self) -> None:
        if self._widths is None and self.headers:
            self._flush()

    def _flush(self) -> None:
        self._widths = widths(self.headers, self._waiting, _columns(self.out.fileno()))
        if not self.hide_titles and not all(header.hidden for header in self.headers):
            titles = map(_pad, self.headers, self.headers_titles(), self._widths)
            self.out.write(utf8(" ".join(titles)) + b"\n")
        for text in self._waiting:
            self._print(text)
        self._waiting.clear()

    def headers_titles(self) -> list[str]:
        """The titles, hidden ones too: a table hides all or none."""
        return [header.title for header in self.headers]

    def _print(self, text: str) -> None:
        assert self._widths is not None, "flushed before"
        padded = _pad(self.headers[self.place], text, self._widths[self.place])
        self.out.write(utf8(padded) + (b"\n" if self.step() else b" "))


def _pad(header: Header, text: str, width: int) -> str:
    return text.rjust(width) if header.right else text.ljust(width)


def _columns(fd: int) -> int:
    try:
        return max(os.get_terminal_size(fd).columns, _MIN_COLUMNS)
    except OSError:
        return _COLUMNS


def widths(headers: Sequence[Header], values: list[str], columns: int) -> list[int]:  # fmt: skip
    """How wide the columns are, in characters, to fit into ``columns`` if they can.

    Too wide ones lose half of what they could lose, the last column first, until the line fits;
    space that is left goes, half of it, to the column that expands, by default the last.
    """
    count = len(headers)
    least = [min([len(h.title), *map(len, values[i::count])]) for i, h in enumerate(headers)]
    found = [max([len(h.title), *map(len, values[i::count])]) for i, h in enumerate(headers)]
    total = sum(found) + count - 1
    while total > columns:
        before = total
        total = _shrink(found, least, total, columns)
        if total == before:
            break
    if total < columns:
        place = next((i for i, header in enumerate(headers) if header.expand), count - 1)
        found[place] += (columns - total) // 2
    return found


def _shrink(found: list[int], least: list[int], total: int, columns: int) -> int:
    """One pass; the total that it leaves is only less when one column could give all of it."""
    for place in reversed(range(len(found))):
        room = found[place] - least[place]
        if total - room <= columns:
            found[place] -= total - columns
            return columns
        if room > 0:
            found[place] -= 1 if room == 1 else room // 2
    return total
