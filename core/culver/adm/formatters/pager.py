"""``title: value``, a value a line, a form feed between rows."""

from __future__ import annotations

from culver.adm.formatters.formatter import Formatter, utf8


class PagerFormatter(Formatter):
    """The format for whole mails."""

    _first = True

    def value(self, text: str) -> None:
        header = self.headers[self.place]
        if self.place == 0 and not self._first:
            self.out.write(b"\f\n")
        self._first = False
        title = b"" if header.hidden else utf8(header.title) + b": "
        self.out.write(title + utf8(text) + b"\n")
        self.step()

    def stream(self, data: bytes) -> None:
        # No form feed and no newline of its own: so does doveadm, and scripts cut at "text:".
        header = self.headers[self.place]
        self.out.write((b"" if header.hidden else utf8(header.title) + b":\n") + data)
        self.step()

    def finish(self) -> None:
        if self.place:
            self.out.write(b"\n")
            self.place = 0
