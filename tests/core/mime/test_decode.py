import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.charset import codec_name, decode_text
from culver.mime.decode import UnknownEncodingError, body_text, decode_body
from culver.mime.parse import parse_message


def mail(encoding: bytes, text: bytes, charset: bytes = b"utf-8") -> bytes:
    head = b"Content-Type: text/plain; charset=%b\nContent-Transfer-Encoding: %b\n\n"
    return head % (charset, encoding) + text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (mail(b"8BIT", "grün".encode()), "grün"),
        (mail(b"base64", b"Z3LDvG4="), "grün"),
        (mail(b"Quoted-Printable (c)", b"gr=C3=BCn"), "grün"),
        (mail(b"x-unheard-of", b"as it is"), "as it is"),
        (mail(b"8bit", b"gr\xfcn", b"iso-8859-15"), "grün"),
        (mail(b"8bit", b"gr\xfcn", b"unheard-of"), "grün"),
        (b"\ngr\xc3\xbcn", "grün"),
    ],
)
def test_body_text(data: bytes, text: str) -> None:
    assert body_text(data, parse_message(data)) == text


def test_an_unknown_encoding_says_what_is_known() -> None:
    data = mail(b"x-foo", b"x")

    with pytest.raises(UnknownEncodingError, match=r"'x-foo' is none of 7bit, .*x-uuencode"):
        decode_body(data, parse_message(data))


@pytest.mark.parametrize(
    "name", [b"hex", b"zlib", b"unicode_escape", b"punycode", b"\0", b"", b"rot13"]
)
def test_codecs_that_are_no_charsets_are_unknown(name: bytes) -> None:
    assert codec_name(name) is None


@pytest.mark.parametrize("name", [b"utf-8", b"utf-7", b"utf-16", b"iso-2022-jp", b"gb2312", b"hz"])
@given(st.binary(max_size=30))
def test_text_in_any_charset_never_raises(name: bytes, data: bytes) -> None:
    decode_text(data, name)
