"""The detail of a recipient address."""

from __future__ import annotations

import pytest

from culver_plugins.lmtp.recipient import split_detail


@pytest.mark.parametrize(
    ("address", "delimiters", "user", "detail"),
    [
        ("alice", "+", "alice", ""),
        ("alice+lists", "+", "alice", "lists"),
        ("alice+a+b@example.org", "+", "alice@example.org", "a+b"),
        ("alice-a+b@example.org", "+-", "alice@example.org", "a+b"),
        ("+alice", "+", "+alice", ""),
        ("alice+", "+", "alice", ""),
        ("alice+x", "", "alice+x", ""),
        ("a@b+c@d", "+", "a@b@d", "c"),
    ],
)
def test_details(address: str, delimiters: str, user: str, detail: str) -> None:
    assert split_detail(address, delimiters) == (user, detail)
