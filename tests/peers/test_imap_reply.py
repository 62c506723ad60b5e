"""What imaplib returns, made into values."""

import hashlib

import pytest
from tests.peers.imap_reply import Refused, Reply, numbers, ok
from tests.peers.snapshot import MailState, parse_fetch

REPLIES: list[tuple[Reply, list[bytes]]] = [
    (("OK", [b"one", b"two"]), [b"one", b"two"]),
    (("OK", [None]), [b""]),
    (("OK", [(b"1 (BODY[] {3}", b"abc"), b")"]), [b"1 (BODY[] {3}\r\nabc", b")"]),
    (("OK", list[object]()), []),
]


@pytest.mark.parametrize(("reply", "lines"), REPLIES)
def test_lines(reply: Reply, lines: list[bytes]) -> None:
    assert ok(reply) == lines


@pytest.mark.parametrize("status", ["NO", "BAD", "BYE"])
def test_a_refusal_is_an_exception_with_the_servers_words(status: str) -> None:
    with pytest.raises(Refused, match="not today"):
        ok((status, [b"not today"]))


def test_numbers() -> None:
    assert numbers(("OK", [b"1 2 30"])) == [1, 2, 30]
    assert numbers(("OK", [b""])) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'1 (UID 7 FLAGS (\\Seen K) INTERNALDATE "d" BODY[] {3}', b")"),
        (b"1 (BODY[] {3}", b' INTERNALDATE "d" FLAGS (K \\Recent \\Seen) UID 7)'),
        (b"1 (UID 7 BODY[] {3}", b' FLAGS (\\Seen K) INTERNALDATE "d")'),
    ],
)
def test_a_mail_whatever_the_order_of_its_items(before: bytes, after: bytes) -> None:
    digest = hashlib.sha256(b"abc").hexdigest()
    expected = MailState(frozenset({"\\Seen", "K"}), "d", digest)
    assert list(parse_fetch([(before, b"abc"), after])) == [(7, expected)]
