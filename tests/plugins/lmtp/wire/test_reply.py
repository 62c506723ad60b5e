"""Replies as octets."""

from __future__ import annotations

import pytest

from culver_plugins.lmtp.wire.reply import Reply


@pytest.mark.parametrize(
    ("reply", "octets"),
    [
        (Reply(250, "2.0.0", "OK"), b"250 2.0.0 OK\r\n"),
        (Reply(354, "", "OK"), b"354 OK\r\n"),
        (Reply(250, "", "a\nB\nC"), b"250-a\r\n250-B\r\n250 C\r\n"),
        (Reply(552, "5.2.2", "a\nb"), b"552-5.2.2 a\r\n552 5.2.2 b\r\n"),
        (
            Reply(552, "5.2.2", "a\r\n250 forged\rx\0"),
            b"552-5.2.2 a?\r\n552 5.2.2 250 forged?x?\r\n",
        ),
    ],
)
def test_octets(reply: Reply, octets: bytes) -> None:
    assert reply.encode() == octets


def test_failed() -> None:
    assert [Reply(status, "", "").failed for status in (250, 354, 421, 550)] == [
        False, False, True, True,
    ]  # fmt: skip
