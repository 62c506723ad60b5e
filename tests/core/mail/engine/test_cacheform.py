"""Values of the cache file: as Dovecot writes them, and back."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mail.engine.cacheform import from_file, pack_number, to_file, unpack_number
from culver.mail.engine.fields import compute
from culver.mime.parse import parse_message

MAIL = b"Received: a\r\n b\r\nSubject: x\r\n y\r\nTo: a@b\r\nreceived: c\r\n\r\nbody\r\n"
FIELDS = ("imap.envelope", "imap.bodystructure", "date.sent", "hdr.subject", "hdr.received")


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("hdr.subject", struct.pack("<II", 3, 0) + b"Subject: x\n y\n"),
        ("hdr.received", struct.pack("<III", 1, 6, 0) + b"Received: a\n b\nreceived: c\n"),
        ("hdr.missing", b""),
        ("date.sent", bytes(8)),
    ],
)
def test_stored_as_dovecot_does(name: str, stored: bytes) -> None:
    root = parse_message(MAIL)
    (value,) = compute(MAIL, [name], root).values()
    assert to_file(name, value, MAIL, root) == stored
    assert from_file(name, stored) == value


def test_a_date_after_2038() -> None:
    root = parse_message(MAIL)
    assert from_file("date.sent", to_file("date.sent", b"4000000000 -480", MAIL, root)) == (
        b"4000000000 -480"
    )


def test_numbers() -> None:
    assert unpack_number("size.virtual", pack_number("size.virtual", 1 << 40)) == 1 << 40
    assert unpack_number("date.save", pack_number("date.save", 1)) == 1
    assert unpack_number("size.virtual", b"") == -1


@given(st.binary(max_size=300))
def test_whatever_is_computed_comes_back(mail: bytes) -> None:
    root = parse_message(mail)
    for name, value in compute(mail, FIELDS, root).items():
        back = from_file(name, to_file(name, value, mail, root))
        if name != "date.sent":  # whose range is that of Dovecot's 32 bits
            assert back == value
