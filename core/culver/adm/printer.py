"""Where commands print rows: headers first, then values, in the format that ``-f`` names."""

from __future__ import annotations

from importlib import import_module
from typing import BinaryIO, Final

from culver.adm.errors import AdmError
from culver.adm.formatters.formatter import Formatter, Header

FORMATTERS: Final = {
    "flow": "FlowFormatter",
    "tab": "TabFormatter",
    "table": "TableFormatter",
    "pager": "PagerFormatter",
    "json": "JsonFormatter",
}
"""Name to class, in the module of that name in culver.adm.formatters."""


class Printer:
    """Rows of one command.  Raises :class:`AdmError` for a format that doesn't exist."""

    def __init__(self, name: str, out: BinaryIO, *, hide_titles: bool = False) -> None:
        if name not in FORMATTERS:
            raise AdmError(f"Unknown print formatter: {name} (allowed: {', '.join(FORMATTERS)})")
        self._name = name
        self._out = out
        self._hide_titles = hide_titles
        self._headers: list[Header] = []
        self._sticky: dict[str, str] = {}
        self._formatter: Formatter | None = None

    def header(
        self, key: str, *, hidden: bool = False, sticky: bool = False, title: str = ""
    ) -> None:
        """Declare a column.  All before the first value."""
        self._headers.append(Header(key=key, title=title or key, hidden=hidden, sticky=sticky))

    def start(self) -> None:
        """Every header is declared."""
        cls: type[Formatter] = getattr(
            import_module(f"culver.adm.formatters.{self._name}"), FORMATTERS[self._name]
        )
        self._formatter = cls(self._out, self._headers, hide_titles=self._hide_titles)
        self._formatter.start()

    def stick(self, key: str, value: str) -> None:
        """The value of a sticky column from now on."""
        self._sticky[key] = value

    def value(self, value: str | int) -> None:
        """The next value."""
        self._ready().value(str(value))

    def stream(self, data: bytes) -> None:
        """The next value, of many lines perhaps."""
        self._ready().stream(data)

    def row(self, *values: str | int) -> None:
        """Values of a row, without those that stick."""
        for value in values:
            self.value(value)

    def _ready(self) -> Formatter:
        formatter = self._formatter
        assert formatter is not None, "values follow start()"
        while (header := self._headers[formatter.place]).sticky:
            formatter.value(self._sticky[header.key])
        return formatter

    def finish(self) -> None:
        """Print what waits."""
        if self._formatter is not None and self._headers:
            self._formatter.finish()
        self._out.flush()
