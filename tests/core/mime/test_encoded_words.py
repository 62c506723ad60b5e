from email.header import Header, decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.encoded_words import decode_rfc2047, unfold


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?Q?gr=C3=BCn_x?=", "grün x"),
        (b"=?UTF-8?b?w7ZsZA==?=", "öld"),
        (b"a =?utf-8?q?b?= c", "a b c"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?=\r\n =?iso-8859-1?q?=FC?=", "aü"),
        (b"=?utf-8?b?w7x=?= =?utf-8?b?A?=", "ü"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),
        (b"=?utf-8?q?a?=b=?utf-8?q?c?=", "abc"),
        (b"=?us-ascii*en?q?x?=", "x"),
        (b"=?windows-874?q?=A1?=", "ก"),
        (b"=?x-mac-roman?q?=8A?=", "ä"),
        (b"=?iso-8859-8-i?q?=E0?=", "א"),
        (b"=?windows-31j?b?gqA=?=", "あ"),
        (b"=?x-windows-949?b?sKE=?=", "가"),
        (b"=?unheard-of?q?caf=C3=A9?=", "café"),
        (b"=?unheard-of?q?caf=E9?=", "café"),
        (b"=?hex?q?41?=", "41"),
        (b"=?utf-8?q?=ZZ=4?=", "=ZZ=4"),
        (b"=?utf-8?q?unterminated", "=?utf-8?q?unterminated"),
        (b"=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("raw grün".encode(), "raw grün"),
        (b"raw gr\xfcn", "raw grün"),
        (b"=?utf-7?q?+AGE-?=", "a"),
        (b"a\n b\r\n\tc", "a b\tc"),
    ],
)
def test_decoded(value: bytes, text: str) -> None:
    assert decode_rfc2047(value) == text


@given(st.binary(max_size=60))
def test_garbage_never_raises(value: bytes) -> None:
    decode_rfc2047(b"=?utf-8?q?" + value + b"?= =?utf-8?b?" + value + b"?=")
    assert b"\n" not in unfold(value)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40))
def test_what_the_standard_library_encodes_is_decoded(text: str) -> None:
    value = Header(text, "utf-8", maxlinelen=40).encode()
    assert decode_rfc2047(value.encode()) == str(make_header(decode_header(value)))
