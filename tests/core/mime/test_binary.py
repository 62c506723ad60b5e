"""Parts without transfer encodings, and messages without binary parts."""

import pytest

from culver.mime.binary import binary_body, binary_message, is_encoded, without_binary
from culver.mime.decode import UnknownEncodingError
from culver.mime.parse import parse_message


def single(encoding: str, body: bytes) -> bytes:
    return b"Content-Transfer-Encoding: %b\r\nMIME-Version: 1.0\r\n\r\n%b" % (
        encoding.encode(),
        body,
    )


@pytest.mark.parametrize(
    ("encoding", "body", "decoded"),
    [
        ("7bit", b"a\nb\r\n", b"a\r\nb\r\n"),
        ("8bit", b"\xe4\n", b"\xe4\r\n"),
        ("binary", b"\0\n", b"\0\r\n"),
        ("base64", b"AAEK\r\n", b"\0\1\n"),
        ("quoted-printable", b"=00=0A\nb=\nc", b"\0\n\r\nbc"),
    ],
)
def test_bodies(encoding: str, body: bytes, decoded: bytes) -> None:
    mail = single(encoding, body)
    root = parse_message(mail)

    assert binary_body(mail, root) == decoded
    assert is_encoded(mail, root) is (encoding in ("base64", "quoted-printable"))


def test_an_unknown_encoding() -> None:
    mail = single("x-unheard-of", b"x")

    with pytest.raises(UnknownEncodingError):
        binary_body(mail, parse_message(mail))


MULTIPART = (
    b"Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0\n\n--b\n"
    b"Content-Transfer-Encoding: base64\n\nAAE=\n--b\n\nplain\n--b--\n"
)


def test_a_whole_message_is_decoded_part_by_part() -> None:
    assert binary_message(MULTIPART, parse_message(MULTIPART)) == (
        b"Content-Type: multipart/mixed; boundary=b\r\nMIME-Version: 1.0\r\n\r\n--b\r\n"
        b"Content-Transfer-Encoding: binary\r\n\r\n\0\1\r\n--b\r\n\r\nplain\r\n--b--\r\n"
    )


@pytest.mark.parametrize("message", [MULTIPART, single("8bit", b"\xe4"), b"", b"x: y\r\n\r\nz"])
def test_nothing_binary_nothing_changed(message: bytes) -> None:
    assert without_binary(message) == message


def test_binary_bodies_become_base64() -> None:
    assert without_binary(single("binary", b"\0\1\n")) == single("base64", b"AAEK\r\n")


def test_a_binary_part_keeps_its_boundary() -> None:
    message = MULTIPART.replace(b"base64\n\nAAE=\n", b"BINARY\n\n\0\1\n").replace(b"\n", b"\r\n")

    assert without_binary(message) == MULTIPART.replace(b"\n", b"\r\n")
