"""Values with TABs between, a line of titles first."""

from __future__ import annotations

from culver.adm.formatters.formatter import Formatter, utf8


class TabFormatter(Formatter):
    """The format for scripts."""

    def start(self) -> None:
        if not self.hide_titles:
            self.out.write(utf8("\t".join(header.title for header in self.headers)) + b"\n")

    def value(self, text: str) -> None:
        self.stream(utf8(text))

    def stream(self, data: bytes) -> None:
        tab = b"\t" if self.place else b""
        self.out.write(tab + data + (b"\n" if self.step() else b""))
