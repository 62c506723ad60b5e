"""The words of RFC 5322 and RFC 2045: atoms, quoted strings, comments, domains, tokens.

`Lexer` walks over one header value. Each method consumes what it names and the white space and
comments after it, and answers how it ended: `MORE` (there is input left), `END` (there is none)
or `BROKEN`. The three answers are what keeps broken mail readable: the callers in `address` and
`params` go on from a BROKEN in the way Dovecot does, so that both describe the same mail alike.
"""

import re
from typing import Final

MORE: Final = 1
END: Final = 0
BROKEN: Final = -1

NUL_REPLACEMENT: Final = "\ufffd".encode()
"""What stands for a NUL in any text made from a header."""

# RFC 5322 3.2.3, and all 8-bit bytes: raw UTF-8 and worse is common in headers.
_ATEXT = rb"A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\x80-\xff"
# RFC 2045 5.1 without the tspecials that are atext; a dot is allowed.
_TOKEN = rb"A-Za-z0-9!#$%&'*+\-.^_`{|}~\x80-\xff"

_ATOM_RE = re.compile(b"[" + _ATEXT + b"]*")
_ATOM_OR_DOT_RE = re.compile(b"[." + _ATEXT + b"]*")
_TOKEN_RE = re.compile(b"[" + _TOKEN + b"]*")
_SPACE_RE = re.compile(rb"[ \t\r\n]*")
_COMMENT_STOP_RE = re.compile(rb"[()\\]")
_QUOTED_RE = re.compile(rb'"([^"\\\r\n\0]*)"')
_QUOTED_STOP_RE = re.compile(rb'["\\]')
_LITERAL_STOP_RE = re.compile(rb"[\[\]\\]")
_FOLD_RE = re.compile(rb"\r?\n")

ATEXT: Final = frozenset(i for i in range(256) if _ATOM_RE.fullmatch(bytes([i])))


def clean(text: bytes) -> bytes:
    """Text of a header without its folds and NULs."""
    if b"\n" in text:
        text = _FOLD_RE.sub(b"", text)
    return text.replace(b"\0", NUL_REPLACEMENT) if b"\0" in text else text


class Lexer:
    """One header value and a place in it.

    `data` has a NUL behind the value, so `data[pos]` is always there to be looked at. `comment`
    is the text of the last comment that was skipped (RFC 822 used it for the sender's name).
    """

    __slots__ = ("comment", "data", "end", "pos")

    def __init__(self, value: bytes) -> None:
        self.data = value + b"\0"
        self.end = len(value)
        self.pos: int = 0
        self.comment = b""

    def at(self, char: bytes) -> bool:
        """Whether `char` is the next byte."""
        return self.pos < self.end and self.data.startswith(char, self.pos)

    def at_word(self) -> bool:
        """Whether a word of a phrase (or a stray dot) comes next."""
        byte = self.data[self.pos]
        return self.pos < self.end and (byte in ATEXT or byte in b'".')

    def left(self) -> int:
        """MORE or END: how a step that went well is answered."""
        return MORE if self.pos < self.end else END

    def skip_space(self) -> int:
        """Skip white space and comments."""
        while True:
            self._match(_SPACE_RE)
            if not self.at(b"("):
                return self.left()
            if self._skip_comment() == BROKEN:
                return BROKEN

    def atom(self, out: bytearray) -> int:
        """Append one atom; BROKEN when none begins here."""
        text = self._match(_ATOM_RE)
        if not text:
            return BROKEN
        out += text
        return self.left() and self.skip_space()

    def atom_or_dots(self, out: bytearray) -> int:
        """Append atoms and dots up to the first other byte, which may be none at all."""
        out += self._match(_ATOM_OR_DOT_RE)
        return self.left() and self.skip_space()

    def dot_atom(self, out: bytearray) -> int:
        """Append atoms with dots between them; RFC 822 let white space stand around the dots."""
        while True:
            text = self._match(_ATOM_RE)
            if not text:
                return BROKEN
            out += text
            if self.pos >= self.end:
                return END
            ended = self.skip_space()
            if ended <= 0 or not self.at(b"."):
                return ended
            self.pos += 1
            out += b"."
            if self.skip_space() <= 0:
                return BROKEN

    def token(self, out: bytearray) -> int:
        """Append one MIME token, which may be empty."""
        out += self._match(_TOKEN_RE)
        return self.left() and self.skip_space()

    def quoted(self, out: bytearray) -> int:
        """Append the text of the quoted string that begins here; BROKEN without an end quote."""
        plain = _QUOTED_RE.match(self.data, self.pos, self.end)
        if plain:
            out += plain[1]
            self.pos = plain.end()
            return self.skip_space()
        return self._quoted_slowly(out)

    def phrase(self, out: bytearray) -> int:
        """Append words with one space between them (RFC 5322 3.2.5, obs-phrase included)."""
        if self.pos >= self.end:
            return END
        if self.at(b"."):
            return BROKEN
        while True:
            ended = self.quoted(out) if self.at(b'"') else self.atom_or_dots(out)
            if ended <= 0:
                return ended
            if not self.at_word():
                return self.skip_space()
            out += b" "

    def domain(self, out: bytearray) -> int:
        """Append the domain behind the "@" that stands here."""
        self.pos += 1
        if self.skip_space() <= 0:
            return BROKEN
        return self._domain_literal(out) if self.at(b"[") else self.dot_atom(out)

    def _match(self, pattern: re.Pattern[bytes]) -> bytes:
        found = pattern.match(self.data, self.pos, self.end)
        assert found is not None  # every pattern here matches nothing at least
        self.pos = found.end()
        return found[0]

    def _quoted_pair(self, out: bytearray, start: int) -> int:
        """Deal with the backslash at `pos`; returns the start of the text still to be taken.

        RFC 5322 has no quoted CR, LF or NUL (only obs-qp), so these keep their backslash.
        """
        escaped = self.data[self.pos + 1]
        if escaped in b"\r\n\0":
            self.pos += 1
            return start
        out += clean(self.data[start : self.pos])
        self.pos += 2
        return self.pos - 1

    def _skip_comment(self) -> int:
        self.pos += 1
        start, level, text = self.pos, 1, bytearray()
        while stop := _COMMENT_STOP_RE.search(self.data, self.pos, self.end):
            self.pos = stop.start()
            if stop[0] == b"\\":
                if self.pos + 1 >= self.end:
                    break
                start = self._quoted_pair(text, start)
                continue
            level += 1 if stop[0] == b"(" else -1
            self.pos += 1
            if not level:
                text += clean(self.data[start : self.pos - 1])
                self.comment = bytes(text)
                return self.left()
        text += self._whole_lines(start)
        self.pos = self.end
        self.comment = bytes(text)
        return BROKEN

    def _quoted_slowly(self, out: bytearray) -> int:
        self.pos += 1
        start = self.pos
        while stop := _QUOTED_STOP_RE.search(self.data, self.pos, self.end):
            self.pos = stop.start()
            if stop[0] == b'"':
                out += clean(self.data[start : self.pos])
                self.pos += 1
                return self.skip_space()
            if self.pos + 1 >= self.end:
                break
            start = self._quoted_pair(out, start)
        out += self._whole_lines(start)
        self.pos = self.end
        return BROKEN

    def _whole_lines(self, start: int) -> bytes:
        """What Dovecot has taken of a text that has no end: all up to the last fold or NUL."""
        last = max(self.data.rfind(b"\n", start, self.end), self.data.rfind(b"\0", start, self.end))
        return clean(self.data[start : last + 1])

    def _domain_literal(self, out: bytearray) -> int:
        start = self.pos
        self.pos += 1
        while stop := _LITERAL_STOP_RE.search(self.data, self.pos, self.end):
            self.pos = stop.end()
            if stop[0] == b"[":
                self.pos = stop.start()
                return BROKEN
            if stop[0] == b"]":
                out += clean(self.data[start : self.pos])
                return self.skip_space()
            if self.pos >= self.end:
                return BROKEN
            self.pos += 1  # the backslash stays in the text
        self.pos = self.end
        return BROKEN
