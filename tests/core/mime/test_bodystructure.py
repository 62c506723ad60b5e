from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.bodystructure import body, bodystructure, is_plain_7bit
from culver.mime.parse import parse_message

CORPUS = Path(__file__).parent / "corpus"


def of(name: str) -> bytes:
    mail = (CORPUS / f"{name}.eml").read_bytes()
    return bodystructure(mail, parse_message(mail))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "plain",
            b'"text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 14 2 NIL NIL NIL NIL',
        ),
        (
            "content-fields",
            b'"text" "html" ("charset" "us-ascii") "<id@x>" "some words \\"q\\"" "base64" 6 1 '
            b'"Q2hlY2s=" ("attachment" ("filename" "a b.html" "size" "10")) '
            b'("en" "de-DE" "fr") "http://x/y z"',
        ),
        (
            "multipart-no-parts",
            b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL) '
            b'"mixed" ("boundary" "b1") NIL NIL NIL',
        ),
        (
            "message-rfc822",
            b'"message" "rfc822" NIL NIL NIL "7bit" 73 (NIL "inner" ((NIL NIL "in" "ner.x")) '
            b'((NIL NIL "in" "ner.x")) ((NIL NIL "in" "ner.x")) NIL NIL NIL NIL NIL) '
            b'("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 14 1 NIL NIL NIL NIL) 5 '
            b"NIL NIL NIL NIL",
        ),
    ],
)
def test_structures(name: str, expected: bytes) -> None:
    assert of(name) == expected


def test_body_has_no_extension_data() -> None:
    mail = (CORPUS / "multipart.eml").read_bytes()

    assert body(mail, parse_message(mail)) == (
        b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 5 0)'
        b'("text" "html" ("charset" "utf-8") NIL NIL "quoted-printable" 6 1) "mixed"'
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"", True),
        (b"Content-Type: text/plain\n", True),
        (b"Content-Type: TEXT/plain; charset=US-ASCII\nContent-Transfer-Encoding: 7BIT\n", True),
        (b"Content-Type: text/html\n", False),
        (b"Content-Type: text/plain; charset=utf-8\n", False),
        (b"Content-Type: text/plain\nContent-ID: <x>\n", False),
        (b"Content-Type: text/plain\nContent-Language: en\n", False),
        (b"MIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n", False),
        (b"Content-Type: multipart/mixed; boundary=a\n", False),
    ],
)
def test_the_default_structure_is_known(header: bytes, expected: bool) -> None:
    mail = header + b"\nbody\n"

    assert is_plain_7bit(mail, parse_message(mail)) is expected


@given(st.text("ab;=\"\\*0(/) \n'%\0é", max_size=60))
def test_garbage_never_raises(text: str) -> None:
    value = text.encode()
    mail = b"Content-Type: a/b;" + value + b"\nContent-Disposition: " + value
    mail += b"\nContent-Language: " + value + b"\nContent-Transfer-Encoding: " + value + b"\n\n"
    assert bodystructure(mail, parse_message(mail)).startswith(b'"')
