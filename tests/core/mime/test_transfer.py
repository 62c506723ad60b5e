import base64
import quopri
from binascii import b2a_uu

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.transfer import decode_base64, decode_quoted_printable, decode_uuencode


@given(st.binary(max_size=200))
def test_base64_goes_both_ways(data: bytes) -> None:
    assert decode_base64(base64.encodebytes(data)) == data


@given(st.binary(max_size=100))
def test_garbage_never_raises(data: bytes) -> None:
    decode_base64(data)
    decode_quoted_printable(data)
    decode_uuencode(data)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (b"aGVsbG8=", b"hello"),
        (b"aGVsbG8", b"hello"),
        (b"aGVs bG8=\r\n", b"hello"),
        (b"aGVsbG8=aGVsbG8=", b"hellohello"),
        (b"a!G@V#s$bG8=", b"hello"),
        (b"aGVsbG8hA", b"hello!"),
        (b"A", b""),
        (b"", b""),
        (b"====", b""),
    ],
)
def test_base64(text: bytes, data: bytes) -> None:
    assert decode_base64(text) == data


@given(st.binary(max_size=200).filter(lambda data: b"\r" not in data))
def test_quoted_printable_goes_both_ways(data: bytes) -> None:
    assert decode_quoted_printable(quopri.encodestring(data)) == data


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (b"a=\nb", b"ab"),
        (b"a= \t\r\nb", b"ab"),
        (b"a =3D b  \n", b"a = b\n"),
        (b"=e9=E9", b"\xe9\xe9"),
        (b"100=% =XY =", b"100=% =XY "),
        (b"no\r\nchange", b"no\r\nchange"),
    ],
)
def test_quoted_printable(text: bytes, data: bytes) -> None:
    assert decode_quoted_printable(text) == data


def test_uuencode() -> None:
    text = b"x\nbegin 644 a\n" + b2a_uu(b"hello") + b"~bad\n" + b2a_uu(b"!") + b"end\nx\n"

    assert decode_uuencode(text) == b"hello!"
