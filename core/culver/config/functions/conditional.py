"""`%{if;left;operator;right;then;else}`; a backslash escapes `%`, `:` and `;`."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from culver.config.modifiers import octets
from culver.config.variables import Context, Piece, Template, VariableError

_NUMBER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_CLASSES: Final = {
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:alnum:]": "a-zA-Z0-9",
    "[:upper:]": "A-Z",
    "[:lower:]": "a-z",
    "[:space:]": r"\s",
    "[:blank:]": r" \t",
    "[:punct:]": r"!-/:-@\[-`{-~",
    "[:xdigit:]": "0-9A-Fa-f",
    "[:cntrl:]": r"\x00-\x1f\x7f",
    "[:print:]": r"\x20-\x7e",
    "[:graph:]": r"\x21-\x7e",
}


def compile_if(source: str) -> Piece:
    """The lookup of an `if`; `source` is all between the braces. Errors come when expanded."""
    parameters = split(source.partition(";")[2]) if ";" in source else []
    if len(parameters) == 4:
        parameters.append("")
    templates = [Template(parameter) for parameter in parameters]

    def piece(context: Context) -> str:
        if not templates:
            raise VariableError("if: missing parameter(s)")
        if len(templates) != 5:
            raise VariableError(f"if: requires four or five parameters, got {len(templates)}")
        left, operator, right, then, other = (_strict(t, context) for t in templates)
        return then if compare(left, operator, right) else other

    return piece


def _strict(template: Template, context: Context) -> str:
    """Expand a parameter; an unknown variable in any of them, the unused one too, fails the if."""
    inner = Context(context.values, context.functions)
    text = template.expand_in(inner)
    if inner.error is not None:
        raise VariableError(*inner.error.args[:1])
    return text


def split(text: str) -> list[str]:
    """Split at `;` outside `%{...}`; an unescaped `:` outside ends the last parameter."""
    parameters: list[str] = []
    current, depth, position, maybe = "", 0, 0, False
    while position < len(text):
        char = text[position]
        position += 1
        if char == "\\":
            current += text[position : position + 1]
            position += 1
            continue
        if char == "%":
            maybe = True
        elif maybe and char == "{":
            depth, maybe = depth + 1, False
        elif depth and char == "}":
            depth -= 1
        elif not depth and char == ";":
            parameters.append(current)
            current = ""
            continue
        elif not depth and char == ":":
            break
        current += char
    return [*parameters, current] if current else parameters


def compare(left: str, operator: str, right: str) -> bool:
    """Compare as 2.3 does: `==` family by number, `eq` family by octet, `*` wildcard, `~` ERE."""
    if operator in _NUMERIC:
        return _NUMERIC[operator](_int(left, "lhs"), _int(right, "rhs"))
    if operator in _TEXT:
        return _TEXT[operator](octets(left), octets(right))
    if operator in ("*", "!*"):
        return bool(_wildcard(right).fullmatch(left)) == (operator == "*")
    if operator in ("~", "!~"):
        return bool(_extended(right).search(left)) == (operator == "~")
    raise VariableError(f"if: Unsupported comparator '{operator}'")


_NUMERIC: Final[dict[str, Callable[[int, int], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_TEXT: Final[dict[str, Callable[[bytes, bytes], bool]]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


def _int(text: str, side: str) -> int:
    if not _NUMBER.fullmatch(text) or not -(2**63) <= int(text) < 2**63:
        raise VariableError(f"if: {text} ({side}) is not a number")
    return int(text)


@lru_cache(maxsize=256)
def _wildcard(pattern: str) -> re.Pattern[str]:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.DOTALL)


@lru_cache(maxsize=256)
def _extended(pattern: str) -> re.Pattern[str]:
    """A POSIX ERE as a Python pattern: the classes are the difference that configurations meet."""
    for name, members in _CLASSES.items():
        pattern = pattern.replace(name, members)
    try:
        return re.compile(pattern, re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise VariableError(f"if: regex failed: {error}") from error
