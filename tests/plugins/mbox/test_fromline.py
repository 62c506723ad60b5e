"""Which lines begin a mail, and what they say."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.mbox.fromline import make_from, parse_from


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A zone with summer time: dates without a zone are local."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("line", "sender", "received"),
    [
        (b"a@b Thu Nov 29 22:33:52 2001", b"a@b", 1007069632),
        (b"a@b  Thu Nov 29 22:33:52 2001", b"a@b", 1007069632),
        (b"a@b Thu nov 29 22:33:52 2001", b"a@b", 1007069632),
        (b"a@b Thu Nov  9 22:33:52 2001", b"a@b", 1005341632),
        (b"a@b Thu Nov 9 22:33:52 2001", b"a@b", 1005341632),
        (b"a@b Thu Nov 29 22:33 2001", b"a@b", 1007069580),
        (b"a@b Thu Nov 29 22:33:52 2001 +0300", b"a@b", 1007062432),
        (b"a@b Thu Nov 29 22:33:52 2001 -0300", b"a@b", 1007084032),
        (b"a@b Thu Nov 29 22:33:52 +0300 2001", b"a@b", 1007069632),
        (b"a@b Thu Nov 29 22:33:52 PST 2001", b"a@b", 1007069632),
        (b"a@b Thu Nov 29 22:33:52 2001 remote from uucp", b"a@b", 1007069632),
        (b"a@b Thu, 29 Nov 2001 22:33:52", b"a@b", 1007069632),
        (b"a@b Thu, 9 Nov 2001 22:33:52 +0100", b"a@b", 1005341632),
        (b"a@b Sun Jul 01 12:00:00 2001", b"a@b", 993981600),
        (b"a@b Thu Nov 00 22:33:52 2001 +0000", b"a@b", 1004654032),
        (b"a@b Thu Nov 31 22:33:52 2001 +0000", b"a@b", 1007246032),
        (b"a@b Thu ??? 29 22:33:52 2001 +0000", b"a@b", 980807632),
        (b'"a b"@c Thu Nov 29 22:33:52 2001', b'"a b"@c', 1007069632),
        (b'"a \\" b"@c Thu Nov 29 22:33:52 2001', b'"a \\" b"@c', 1007069632),
        (b" Thu Nov 29 22:33:52 2001", b"", 1007069632),
        (b"a@b Thu Nov 29 22:33:52 2001\r", b"a@b", 1007069632),
    ],
)
def test_a_line_that_begins_a_mail(line: bytes, sender: bytes, received: int) -> None:
    found = parse_from(b"From " + line)

    assert found is not None
    assert (found.sender, found.received) == (sender, received)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"From ",
        b"From here on",
        b"From: a@b Thu Nov 29 22:33:52 2001",
        b"from a@b Thu Nov 29 22:33:52 2001",
        b">From a@b Thu Nov 29 22:33:52 2001",
        b"From a b Thu Nov 29 22:33:52 2001",
        b"From a@b Nov 29 22:33:52 2001",
        b"From a@b Thu Nov 29 22:33:52",
        b"From a@b Thu Nov 29 22:33:52 1",
        b"From a@b Thu Nov 29 2:33:52 2001",
        b"From a@b Thu Xyz 29 22:33:52 2001",
        b"From a@b\nThu Nov 29 22:33:52 2001",
        b'From "a b@c Thu Nov 29 22:33:52 2001',
    ],
)
def test_a_line_that_is_only_text(line: bytes) -> None:
    assert parse_from(line) is None


@given(st.binary(max_size=80))
def test_garbage_is_no_error(line: bytes) -> None:
    parse_from(b"From " + line)


@given(st.integers(0, 2**33), st.text(max_size=20))
def test_what_is_made_is_read(received: int, sender: str) -> None:
    line = make_from(sender, received)
    found = parse_from(line)

    assert found is not None
    assert line.count(b"\n") == 1
    # An hour that is there twice in autumn can't be told apart.
    assert found.received in (received, received - 3600, received + 3600)


@pytest.mark.parametrize("received", [-(2**70), -(2**40), 2**60, 2**70])
def test_a_date_that_cannot_be_is_1970(received: int) -> None:
    assert make_from("a", received).startswith(b"From a  Thu Jan 01 01:00:00 1970")
