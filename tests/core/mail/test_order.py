"""The order of layers."""

from __future__ import annotations

import pytest

from culver.mail.order import OrderError, in_order
from culver.registry import Entry


def entry(name: str, before: str = "", after: str = "") -> Entry[str]:
    return Entry(
        name=name, value=name, plugin=name, before=tuple(before.split()), after=tuple(after.split())
    )


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        ([entry("a"), entry("b")], "a b"),
        ([entry("a", after="b"), entry("b")], "b a"),
        ([entry("a"), entry("b", before="a")], "b a"),
        (
            [entry("quota"), entry("cap", after="acl", before="quota"), entry("acl")],
            "acl cap quota",
        ),
        ([entry("a", after="gone"), entry("b", before="gone")], "a b"),
        ([], ""),
    ],
)
def test_table(entries: list[Entry[str]], wanted: str) -> None:
    assert " ".join(each.name for each in in_order(entries)) == wanted


def test_a_circle_is_named() -> None:
    circle = [entry("x"), entry("a", before="b"), entry("b", before="a")]
    with pytest.raises(OrderError, match="a, b"):
        in_order(circle)
