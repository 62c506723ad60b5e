import pytest

from culver.mime.quote import human_string, nstring, nstring_on_one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, b"NIL"),
        (b"", b'""'),
        (b"a", b'"a"'),
        (b'a"\\b', b'"a\\"\\\\b"'),
        (b'""""', b'"\\"\\"\\"\\""'),
        (b'"""""', b'{5}\r\n"""""'),
        (b"a\nb", b"{3}\r\na\nb"),
        (b"\xc3\xa9", b"{2}\r\n\xc3\xa9"),
    ],
)
def test_nstring(text: bytes | None, expected: bytes) -> None:
    assert nstring(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a\n b", b'"a b"'),
        (b"a\nb", b'"a b"'),
        (b"a\r\n\tb", b'"a\tb"'),
        (b"\n", b'""'),
        (b"a\n", b'"a"'),
        (None, b"NIL"),
    ],
)
def test_one_line(text: bytes | None, expected: bytes) -> None:
    assert nstring_on_one_line(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", b'""'),
        (b"a b", b'"a b"'),
        (b" \t ", b'""'),
        (b"a  b ", b"{3}\r\na b"),
        (b"a\tb", b"{3}\r\na b"),
        (b'"', b'{1}\r\n"'),
        (b"a\0", b"{2}\r\na\x80"),
        (b"\xff", b"{1}\r\n\xff"),
    ],
)
def test_human_string(text: bytes, expected: bytes) -> None:
    assert human_string(text) == expected
