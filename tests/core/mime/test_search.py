import pytest

from culver.mime.casemap import casemap
from culver.mime.parse import parse_message
from culver.mime.search import body_contains, header_contains, text_contains

MAIL = b"""\
From: =?utf-8?q?J=C3=B6rg?= <j@example.org>
Subject: Folded
 subject
Content-Type: multipart/mixed; boundary=b

preamble
--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

R3LDvMOfZSBhdXMgS8O2bG4=
--b
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<p>caf=E9 soft=
break</p>
--b
Content-Type: application/octet-stream; name=report.bin

hidden
--b
Content-Type: message/rfc822

Subject: inner subject

inner text
--b--
"""
ROOT = parse_message(MAIL)


@pytest.mark.parametrize(
    ("key", "in_body"),
    [
        ("grüße", True),
        ("GRÜSSE", False),
        ("köln", True),
        ("Café", True),
        ("CAFE", True),
        ("softbreak", True),
        ("report.bin", True),
        ("inner subject", True),
        ("INNER TEXT", True),
        ("hidden", False),
        ("nowhere", False),
        ("jörg", False),
        ("", True),
    ],
)
def test_body(key: str, in_body: bool) -> None:
    assert body_contains(MAIL, ROOT, key) is in_body


@pytest.mark.parametrize(
    ("key", "found"), [("JÖRG", True), ("folded subject", True), ("köln", True), ("nowhere", False)]
)
def test_text_is_header_and_body(key: str, found: bool) -> None:
    assert text_contains(MAIL, ROOT, key) is found


@pytest.mark.parametrize(
    ("name", "key", "found"),
    [
        (b"FROM", "jörg", True),
        (b"from", "EXAMPLE.ORG", True),
        (b"subject", "folded subject", True),
        (b"subject", "", True),
        (b"cc", "", False),
        (b"from", "folded", False),
    ],
)
def test_header(name: bytes, key: str, found: bool) -> None:
    assert header_contains(MAIL, ROOT, name, key) is found


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("straße", "STRAßE", True),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ", True),
        ("ǆ", "ǅ", True),
        ("é", "e\u0301", True),
        ("é", "e", False),
        ("ß", "ss", False),
        ("\ufb01", "FI", False),
        ("abc", "ABC", True),
    ],
)
def test_unicode_casemap(one: str, other: str, equal: bool) -> None:
    assert (casemap(one) == casemap(other)) is equal
