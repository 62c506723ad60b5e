"""PLAIN, as a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.auth.client import Challenge
from culver.auth.mechanism import Failed, Step, VerifyPlain
from culver_plugins.sasl.plain import Plain


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (None, Challenge(b"")),
        (b"\0bob\0secret", VerifyPlain("bob", "secret")),
        (b"bob\0bob\0secret", VerifyPlain("bob", "secret")),
        (b"bob\0boss\0secret", VerifyPlain("boss", "secret", "bob")),
        (b"\0bob\0", VerifyPlain("bob", "")),
        (b"\0b\xc3\xb6b\0p\xff", VerifyPlain("böb", "p\udcff")),
    ],
)
def test_steps(response: bytes | None, expected: Step) -> None:
    assert Plain().step(response) == expected


@pytest.mark.parametrize("response", [b"", b"bob", b"bob\0secret", b"\0bob\0secret\0", b"\0" * 9])
def test_broken(response: bytes) -> None:
    assert isinstance(Plain().step(response), Failed)


@given(st.binary())
def test_garbage(response: bytes) -> None:
    assert isinstance(Plain().step(response), Failed | VerifyPlain)
