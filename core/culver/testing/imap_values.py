"""Reading the values in IMAP responses: atoms, strings, numbers, lists (RFC 3501 4)."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Value: TypeAlias = "bytes | int | list[Value] | None"
"""A string or atom, a number, NIL, a list.  A quoted or literal string is always bytes."""

_TOKEN: Final = re.compile(
    rb"""\s*(?:
    (?P<open>\() | (?P<close>\))
  | "(?P<quoted>(?:[^"\\]|\\.)*)"
  | \{(?P<size>\d+)\}\r\n
  | (?P<atom>[^\s()"{\[<]+(?:\[[^\]]*\])?(?:<\d+>)?)
    )""",
    re.VERBOSE | re.DOTALL,
)


class BadResponse(Exception):
    """The server said something that is no IMAP.  Shows it."""


def parse_values(text: bytes) -> list[Value]:
    """The values of a response line, literals included: ``FLAGS (\\Seen) UID 7``.

    Raises :exc:`BadResponse`.
    """
    stack: list[list[Value]] = [[]]
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None:
            raise BadResponse(f"no value at {position}: {text!r}")
        position = found.end()
        kind = found.lastgroup
        if kind == "open":
            stack.append([])
        elif kind == "close":
            if len(stack) == 1:
                raise BadResponse(f"a parenthesis too many at {position}: {text!r}")
            inner = stack.pop()
            stack[-1].append(inner)
        elif kind == "size":
            size = int(found["size"])
            stack[-1].append(text[position : position + size])
            position += size
        elif kind == "quoted":
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", found["quoted"]))
        else:
            stack[-1].append(_atom(found["atom"]))
    if len(stack) != 1:
        raise BadResponse(f"a parenthesis is open: {text!r}")
    return stack[0]


def _atom(atom: bytes) -> Value:
    if atom.isdigit():
        return int(atom)
    return None if atom.upper() == b"NIL" else atom


def pairs(values: list[Value]) -> dict[str, Value]:
    """Names and values in turn, as in FETCH and STATUS; names in capitals."""
    names = [name.decode().upper() for name in values[::2] if isinstance(name, bytes)]
    return dict(zip(names, values[1::2], strict=True))
