"""Values in responses."""

from __future__ import annotations

import pytest

from culver.testing.imap_values import BadResponse, Value, pairs, parse_values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"", []),
        (b'1 a NIL "b c" "\\"\\\\"', [1, b"a", None, b"b c", b'"\\']),
        (b"(a (b) ()) c", [[b"a", [b"b"], []], b"c"]),
        (
            b"BODY[HEADER.FIELDS (A B)]<0> {3}\r\na)b x",
            [b"BODY[HEADER.FIELDS (A B)]<0>", b"a)b", b"x"],
        ),
        (b"(\\Seen $Work)", [[b"\\Seen", b"$Work"]]),
        (b'"1" {1}\r\n2', [b"1", b"2"]),
    ],
)
def test_values(text: bytes, values: list[Value]) -> None:
    assert parse_values(text) == values


@pytest.mark.parametrize("text", [b"(", b")", b'"a', b"a {", b"((a)"])
def test_no_values(text: bytes) -> None:
    with pytest.raises(BadResponse):
        parse_values(text)


def test_pairs() -> None:
    assert pairs([b"uid", 1, b"FLAGS", [b"x"]]) == {"UID": 1, "FLAGS": [b"x"]}
