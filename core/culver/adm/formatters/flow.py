"""``title=value title=value``, a row a line."""

from __future__ import annotations

from culver.adm.formatters.formatter import Formatter, utf8


class FlowFormatter(Formatter):
    """The format of short answers."""

    def value(self, text: str) -> None:
        self.stream(utf8(text))

    def stream(self, data: bytes) -> None:
        header = self.headers[self.place]
        title = b"" if header.hidden else utf8(header.title) + b"="
        self.out.write(title + data + (b"\n" if self.step() else b" "))

    def finish(self) -> None:
        if self.place:
            self.out.write(b"\n")
            self.place = 0
