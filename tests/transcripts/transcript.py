"""Transcripts: reading the files, and matching what a server says against them.

The format is described in README.md beside this module.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

_STEP: Final = re.compile(r"([CS])(\d*)([:=~|*]) ?(.*)")
_ESCAPE: Final = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|(.))")
_PLAIN: Final = {"r": "\r", "n": "\n", "\\": "\\"}
_VARIABLE: Final = re.compile(r"\{\{(\w+)\}\}")
_PATTERN: Final = re.compile(r"<(?:(\w+)=)?((?:[^<>\[]|\[[^\]]*\])+)>")
DIRECTIVES: Final = frozenset({"title", "source", "mail", "mailbox", "config", "state"})


class TranscriptError(Exception):
    """A file that does not follow the format; names file, line, and what is allowed."""


class Send(Struct, frozen=True):
    """The client sends these octets; variables are not filled in yet."""

    line: int
    connection: int
    data: bytes

    def octets(self, variables: dict[str, str]) -> bytes:
        """Return what goes over the wire."""
        text = self.data.decode("latin-1")
        return _VARIABLE.sub(lambda match: variables[match[1]], text).encode("latin-1")


class Expect(Struct, frozen=True):
    """The server sends a line; `kind` is the sign in the file, `text` what stands behind it."""

    line: int
    connection: int
    kind: str
    text: str

    def match(self, line: bytes, variables: dict[str, str]) -> bool:
        """Tell whether a line without CRLF is the expected one; keep what it names."""
        text = _VARIABLE.sub(lambda match: variables[match[1]], self.text)
        if self.kind == ":":
            return line == text.encode("utf-8")
        match = re.fullmatch(pattern(text), line.decode("utf-8", "surrogateescape"))
        if match is not None:
            variables.update(match.groupdict())
        return match is not None


class Action(Struct, frozen=True):
    """Something that is not a line: `tls` or `closed`."""

    line: int
    name: str


Step = Send | Expect | Action


class Transcript(Struct, frozen=True):
    """A file. Directives are in order, and may occur several times."""

    path: Path
    directives: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]

    def values(self, name: str) -> list[str]:
        """Return the values of a directive."""
        return [value for each, value in self.directives if each == name]


def pattern(text: str) -> str:
    r"""Translate `* <\d+> EXISTS` to a regular expression."""
    parts: list[str] = []
    position = 0
    for match in _PATTERN.finditer(text):
        parts.append(re.escape(text[position : match.start()]))
        parts.append(f"(?P<{match[1]}>{match[2]})" if match[1] else f"(?:{match[2]})")
        position = match.end()
    return "".join([*parts, re.escape(text[position:])])


def load(path: Path) -> Transcript:
    """Read a file. Raises TranscriptError."""
    return parse(path.read_text("utf-8"), path)


def parse(text: str, path: Path) -> Transcript:
    """Read the text of a file; `path` is for messages. Raises TranscriptError."""
    head, _, body = text.partition("\n\n")
    directives = tuple(_directives(head, path))
    if not any(name == "title" for name, _ in directives):
        raise TranscriptError(f"{path}: there is no title")
    start = head.count("\n") + 3
    return Transcript(path, directives, tuple(_steps(body, path, start)))


def _directives(head: str, path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(head.splitlines(), 1):
        if line.startswith("#"):
            continue
        name, colon, value = line.partition(":")
        if not colon or name not in DIRECTIVES:
            allowed = ", ".join(sorted(DIRECTIVES))
            raise TranscriptError(f"{path}:{number}: {name!r} is none of: {allowed}")
        yield name, value.strip()


def _steps(body: str, path: Path, start: int) -> Iterator[Step]:
    for number, line in enumerate(body.split("\n"), start):
        if not line.strip() or line.startswith("#"):
            continue
        if line in ("-- tls", "-- closed"):
            yield Action(number, line[3:])
            continue
        match = _STEP.fullmatch(line)
        if match is None or match[1] + match[3] not in ("C:", "C=", "S:", "S~", "S|", "S*"):
            raise TranscriptError(f"{path}:{number}: a step starts with C: C= S: S~ S| S* or --")
        yield _step(number, match)


def _step(number: int, match: re.Match[str]) -> Step:
    side, connection, kind, text = match.groups()
    which = int(connection or 1)
    if side == "S":
        return Expect(number, which, kind, text)
    data = unescape(text) if kind == "=" else text.encode("utf-8") + b"\r\n"
    return Send(number, which, data)


def unescape(text: str) -> bytes:
    r"""Decode `\r`, `\n`, `\\` and `\xHH`."""
    plain = _ESCAPE.sub(
        lambda match: chr(int(match[1], 16)) if match[1] else _PLAIN[match[2]], text
    )
    return plain.encode("latin-1")
