"""The lines of Dovecot 2.3's configuration language, without files, sections or meanings.

`scan` turns text into `Line`s. One regex sees a whole line; only a line with a quote, a `#`, a
`$`, a `<` or a `\\` in it is looked at a second time.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple


class Op(Enum):
    """What a line does."""

    SET = "key = value"
    FILE = "key = <path"
    VARIABLE = "key = $name"
    OPEN = "section name {"
    CLOSE = "}"
    INCLUDE = "!include"
    INCLUDE_TRY = "!include_try"
    WARNING = "warning"
    ERROR = "error"


class Line(NamedTuple):
    """One line that says something; `number` is 1-based, that of the last line when joined."""

    op: Op
    key: str
    value: str
    number: int


_LINE: Final = re.compile(
    r"""^[ \t]*
    (?: ([^\s=\#"'\\{}!][^\s=\#"'\\]*)[ \t]*=[ \t]*([^\s\#"'\\$<][^\n\#"'\\$]*?|)   # 1 = 2
      | ([^\s=\#"'\\{}!][^\s=\#"'\\]*)[ \t]+(?:([^\s{\#"'\\][^\s\#"'\\]*)[ \t]+)?\{  # 3 4 {
      | (\})                                                                         # 5
      | ([^\s\#][^\n]*)                                                              # 6
      | (?:\#[^\n]*)?
    )[ \t]*$""",
    re.VERBOSE | re.MULTILINE,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)

# A quoted run (which may lack its end) or the `#` that starts a comment.
_QUOTE_OR_COMMENT: Final = re.compile(
    r"""'(?:[^'\\]|\\.)*(?:'|\\?$)|"(?:[^"\\]|\\.)*(?:"|\\?$)|(\#)"""
)
_KEY: Final = re.compile(r"([^ \t=]*)[ \t]*(.*)", re.DOTALL)
_SECTION: Final = re.compile(r'(?:"([^"]*)"|([^ \t{"][^ \t]*))?[ \t]*(.*)', re.DOTALL)


def scan(text: str) -> Iterator[Line]:
    """The lines of a file. Never raises: a line that cannot be read is an `Op.ERROR`."""
    pending = ""
    for number, match in enumerate(_LINE.finditer(text.replace("\r\n", "\n")), 1):
        group = match.lastindex
        if pending or group == 6:
            comment, pending, lines = _odd(match[0], pending, number)
            if comment is not None:
                yield comment
            yield from lines
        elif group == 2:
            yield Line(Op.SET, match[1], match[2], number)
        elif group == 5:
            yield Line(Op.CLOSE, "", "", number)
        elif group is not None:
            yield Line(Op.OPEN, match[3], match[4] or "", number)


def _odd(raw: str, pending: str, number: int) -> tuple[Line | None, str, tuple[Line, ...]]:
    """A line that needs a second look: (a warning, what waits for the next line, lines)."""
    line = raw.strip(" \t")
    if not line or line[0] == "#":
        # 2.3 forgets the line before, too. The file keeps its meaning, and the admin is told.
        return Line(Op.WARNING, "", _LOST.format(pending.strip()), number), "", ()
    line, ambiguous = _cut_comment(line)
    warning = Line(Op.WARNING, "", _AMBIGUOUS, number) if ambiguous else None
    line = line.rstrip(" \t")
    if line.endswith("\\"):
        joined = line[:-1].rstrip(" \t")
        return warning, pending + joined + " " if joined else pending, ()
    line = pending + line
    return warning, "", (_read(line, number),) if line else ()


_LOST: Final = "The line before ends with '\\' and is lost, as this one is empty: {}"
_AMBIGUOUS: Final = (
    "Ambiguous '#' character in line, treating it as comment. "
    "Add a space before it to remove this warning."
)


def _cut_comment(line: str) -> tuple[str, bool]:
    """The line without its comment, and whether the `#` had no space before it."""
    for match in _QUOTE_OR_COMMENT.finditer(line):
        if match[1]:
            start = match.start()
            return line[:start], line[start - 1] not in " \t"
    return line, False


def _read(line: str, number: int) -> Line:
    """Split one whole line, comments and continuations gone."""
    match = _KEY.match(line)
    key, rest = (match[1], match[2]) if match else (line, "")
    if key in ("!include", "!include_try"):
        return Line(Op.INCLUDE if key == "!include" else Op.INCLUDE_TRY, key, rest, number)
    if rest.startswith("="):
        return _read_value(key, rest[1:].lstrip(" \t"), number)
    if key == "}" and not rest:
        return Line(Op.CLOSE, "", "", number)
    return _read_section(key, rest, number)


def _read_value(key: str, text: str, number: int) -> Line:
    if not key:
        return Line(Op.ERROR, "", "Missing key name ('=' at the beginning of line)", number)
    if text.startswith("<"):
        return Line(Op.FILE, key, text[1:].lstrip(" \t"), number)
    if text[:1] not in ("'", '"') and "$" in text:
        return Line(Op.VARIABLE, key, text, number)
    return Line(Op.SET, key, _unquote(text), number)


def _unquote(text: str) -> str:
    # 2.3 resolves backslashes within single quotes too, and needs the quotes at both ends.
    if text[:1] in ("'", '"') and text[-1] == text[0]:
        return unescape(text[1:-1])
    return text


def unescape(text: str) -> str:
    """Replace backslash and a character by the character."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def _read_section(key: str, rest: str, number: int) -> Line:
    match = _SECTION.match(rest)
    quoted, plain, tail = match.groups() if match else (None, None, rest)
    name = unescape(quoted) if quoted is not None else plain or ""
    if tail[:1] != "{":
        return Line(Op.ERROR, key, "Expecting '{' or '='", number)
    if tail != "{":
        return Line(Op.ERROR, key, "Garbage after '{'", number)
    return Line(Op.OPEN, key, name, number)
