"""Filter text -> tokens, by one regular expression."""

import re
from typing import Final, Literal

import msgspec

from culver_events.filter.errors import FilterError

TokenKind = Literal["word", "string", "op", "open", "close", "and", "or", "not", "end"]

MAX_LENGTH: Final = 64 * 1024
"""Characters in a filter. Dovecot has no limit; the longest seen in its documentation is 300."""

# Dovecot's bare words are [A-Za-z0-9:.*?/%_-]; we also take what needs no quotes to be clear
# (addresses such as a+b@c). Backslashes stay in strings: they keep a wildcard from being one.
_TOKEN: Final = re.compile(
    r"""\s*(?:
        "(?P<string>(?:[^"\\]|\\.)*)"
      | (?P<op><=|>=|=|<|>)
      | (?P<open>\()
      | (?P<close>\))
      | (?P<word>[^\s"<>=()\\]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORDS: Final[dict[str, TokenKind]] = {"and": "and", "or": "or", "not": "not"}


class Token(msgspec.Struct, frozen=True):
    """One token. `text` of a string is without quotes, its backslashes kept."""

    kind: TokenKind
    text: str
    position: int


def tokens(text: str) -> list[Token]:
    """All tokens of a filter, an `end` token last. Raises FilterError."""
    if len(text) > MAX_LENGTH:
        raise FilterError(text, MAX_LENGTH, "", f"longer than {MAX_LENGTH} characters")
    end = len(text.rstrip())
    found: list[Token] = []
    position = 0
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unexpected(text, position)
        found.append(_token(match))
        position = match.end()
    found.append(Token("end", "", end))
    return found


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup or ""
    value = match[kind]
    start = match.start(kind)
    if kind == "string":
        return Token("string", value, start - 1)
    if kind == "op":
        return Token("op", value, start)
    if kind == "word":
        return Token(_KEYWORDS.get(value.lower(), "word"), value, start)
    return Token("open" if kind == "open" else "close", value, start)


def _unexpected(text: str, position: int) -> FilterError:
    start = len(text) - len(text[position:].lstrip())
    found = text[start]
    if found == '"':
        return FilterError(text, start, found, "the string never ends", 'a closing "')
    return FilterError(text, start, found, f"unexpected {found!r}", 'quote it: key="a\\\\b"')
