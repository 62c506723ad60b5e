"""The parsed filter."""

from typing import Literal

import msgspec

Operator = Literal["=", "<", ">", "<=", ">="]


class Compare(msgspec.Struct, frozen=True):
    """`key op value`. The value's backslash escapes are still in it."""

    key: str
    op: Operator
    value: str
    key_position: int
    value_position: int


class All(msgspec.Struct, frozen=True):
    """Terms joined by AND."""

    terms: "tuple[Node, ...]"


class Any(msgspec.Struct, frozen=True):
    """Terms joined by OR."""

    terms: "tuple[Node, ...]"


class Not(msgspec.Struct, frozen=True):
    """The opposite of a term."""

    term: "Node"


Node = Compare | All | Any | Not
