"""One comparison of the filter -> a test of one field value, by the kind of the field.

A check gets the value that a record has (never None) and says whether it fits. Which checks are
possible is decided here: an operator or value that can never fit is an error at load.
"""

import operator
from collections.abc import Callable
from typing import Any, Final

from culver_events.event import FieldInfo, FieldValue, Kind
from culver_events.filter.tree import Compare
from culver_events.filter.values import (
    NUMBERS,
    Network,
    address,
    boolean,
    has_wildcard,
    literal,
    network,
    number,
    pattern,
)

Check = Callable[[Any], bool]

_ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class Impossible(Exception):
    """This kind of field can't be compared so. `allowed` says what can."""

    def __init__(self, problem: str, allowed: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.allowed = allowed


def check(node: Compare, field: FieldInfo) -> Check:
    """The test for one description of the field. Raises Impossible."""
    return _MAKERS[field.kind](node, field)


def matches_absent(node: Compare) -> bool:
    """Whether the comparison also fits a record that lacks the field: only `field=""` does."""
    return node.op == "=" and node.value == ""


def _equality_only(node: Compare, field: FieldInfo, what: str) -> None:
    if node.op != "=":
        raise Impossible(f"{field.name} is {what}: {node.op} can't compare it", "=")


def _text(node: Compare, field: FieldInfo) -> Check:
    _equality_only(node, field, "text")
    fits = pattern(node.value, ignore_case=True)
    if field.choices and not any(fits(choice) for choice in field.choices):
        raise Impossible(f"{field.name} is never {node.value!r}", ", ".join(field.choices))
    # An empty text counts as absent, so that only field="" fits it (and not field=*).
    return fits if matches_absent(node) else lambda value: value != "" and fits(value)


def _number(node: Compare, field: FieldInfo) -> Check:
    if has_wildcard(node.value) and set(node.value) <= set("0123456789*?-."):
        _equality_only(node, field, "compared with a wildcard")
        fits = pattern(node.value, ignore_case=False)
        return lambda value: fits(str(value))
    wanted = number(literal(node.value), field.unit)
    if wanted is None:
        raise Impossible(f"{field.name} is a number, {node.value!r} isn't", NUMBERS)
    compare = _ORDER[node.op]
    return lambda value: compare(value, wanted)


def _truth(node: Compare, field: FieldInfo) -> Check:
    _equality_only(node, field, "yes or no")
    wanted = boolean(node.value)
    if wanted is None:
        raise Impossible(f"{field.name} is never {node.value!r}", "yes, no")
    return lambda value: value is wanted


def _ip(node: Compare, field: FieldInfo) -> Check:
    _equality_only(node, field, "an IP address")
    net = network(literal(node.value))
    if net is not None:
        return _within(net)
    if not has_wildcard(node.value):
        raise Impossible(
            f"{field.name} is an IP address, {node.value!r} isn't",
            "an address, a network such as 10.0.0.0/8, a wildcard such as 10.*",
        )
    return pattern(node.value, ignore_case=True)


def _within(net: Network) -> Check:
    scope = getattr(net.network_address, "scope_id", None)

    def within(value: str) -> bool:
        found = address(value)
        if found is None or found.version != net.version or found not in net:
            return False
        return scope is None or getattr(found, "scope_id", None) == scope

    return within


def _list(node: Compare, field: FieldInfo) -> Check:
    _equality_only(node, field, "a list")
    if matches_absent(node):
        return operator.not_
    fits = pattern(node.value, ignore_case=True)
    return lambda value: any(map(fits, value))


_MAKERS: Final[dict[Kind, Callable[[Compare, FieldInfo], Check]]] = {
    "str": _text,
    "int": _number,
    "float": _number,
    "bool": _truth,
    "ip": _ip,
    "strlist": _list,
}

VALUE_TYPES: Final[dict[Kind, tuple[type[FieldValue], ...]]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "ip": (str,),
    "strlist": (list,),
}
"""Which values a kind may have; a value of another type never fits."""
