"""One array of objects, keys as in the headers."""

from __future__ import annotations

import re
from typing import Final

from culver.adm.formatters.formatter import Formatter, utf8

_SPECIAL: Final = re.compile(r'[\x00-\x1f"\\\u2028\u2029]')
_SHORT: Final = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"',
                 "\\": "\\\\"}  # fmt: skip


class JsonFormatter(Formatter):
    """The format for programs."""

    _rows = 0

    def value(self, text: str) -> None:
        self._put(text)

    def stream(self, data: bytes) -> None:
        self._put(data.decode("utf-8", "replace"))

    def _put(self, text: str) -> None:
        header = self.headers[self.place]
        before = "," if self.place else ",{" if self._rows else "[{"
        if self.place == 0:
            self._rows += 1
        after = "}" if self.step() else ""
        self.out.write(utf8(f'{before}"{escaped(header.key)}":"{escaped(text)}"{after}'))

    def finish(self) -> None:
        self.out.write(b"]" if self._rows else b"[]")


def escaped(text: str) -> str:
    """The text between the quotes of a JSON string (RFC 8259 7), escaped as doveadm does."""
    return _SPECIAL.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    return _SHORT.get(char) or f"\\u{ord(char):04x}"
