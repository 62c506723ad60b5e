"""Command lines: verb, path, parameters (RFC 5321 4.1, RFC 2033)."""

from __future__ import annotations

import re

import msgspec


class SyntaxProblem(Exception):
    """A command that can't be understood.  ``str()`` says what was expected."""


class Command(msgspec.Struct, frozen=True):
    """A line split at its verb; the verb in capitals."""

    verb: str
    rest: str


class Envelope(msgspec.Struct, frozen=True):
    """The path of MAIL or RCPT and its parameters, names in capitals."""

    address: str
    """Empty for ``<>``."""
    params: dict[str, str]


def parse_line(line: bytes) -> Command:
    """Split a line.  UTF-8 is allowed (RFC 6531); NUL and other control characters aren't."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise SyntaxProblem("Command is not valid UTF-8") from None
    if re.search("[\x00-\x08\x0a-\x1f\x7f]", text):
        raise SyntaxProblem("Command has control characters")
    verb, _, rest = text.partition(" ")
    return Command(verb.upper(), rest.strip())


# A path: optional source route, local part (quoted or dot-string), optional domain or literal.
_PATH = re.compile(
    r"<(?:@[^:>\s]+:)?"
    r"(?P<address>"
    r'(?:"(?:[^"\\]|\\.)*"|[^\s<>@"(),:;\\]+)'
    r"(?:@(?:\[[^\]\s]+\]|[^\s<>@\[\](),:;\\\"]+))?"
    r")?>"
)
_PARAM = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[^\s=]+))?(?:\s+|$)")


def parse_path(rest: str, keyword: str, *, null: bool) -> Envelope:
    """``FROM:<a@b> SIZE=3``.  ``null`` allows the empty path of bounces."""
    if rest[: len(keyword)].upper() != keyword:
        raise SyntaxProblem(f"Expected {keyword}<path>")
    rest = rest[len(keyword) :].lstrip()
    found = _PATH.match(rest)
    if found is None:
        raise SyntaxProblem(f"Invalid path in {keyword}")
    address = unquote(found["address"] or "")
    if not address and not null:
        raise SyntaxProblem("Null path not allowed here")
    return Envelope(address, _params(rest[found.end() :]))


def _params(text: str) -> dict[str, str]:
    if text and not text.startswith(" "):
        raise SyntaxProblem("Expected a space after the path")
    text = text.strip()
    params: dict[str, str] = {}
    position = 0
    while position < len(text):
        found = _PARAM.match(text, position)
        if found is None:
            raise SyntaxProblem(f"Invalid parameter: {text[position:][:40]}")
        params[found["name"].upper()] = found["value"] or ""
        position = found.end()
    return params


def unquote(address: str) -> str:
    """The local part without needless quotes: ``"a b"@c`` stays what it means."""
    if not address.startswith('"'):
        return address
    quoted, _, domain = address.rpartition("@") if "@" in address else (address, "", "")
    if not quoted.endswith('"'):
        quoted, domain = address, ""
    local = re.sub(r"\\(.)", r"\1", quoted[1:-1])
    return f"{local}@{domain}" if domain else local
