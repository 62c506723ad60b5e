import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.headers import field_value, fields, first, header_end, select_fields
from culver.mime.parse import parse_message

MAIL = b"From: a@b\nSubject: one\n two\nX: 1\nsubject : three\n\nbody\n"


def test_fields_have_names_values_and_places() -> None:
    found = [(f.name, f.value, f.start) for f in fields(MAIL, 0, len(MAIL))]

    assert found == [
        (b"From", b"a@b", 0),
        (b"Subject", b"one\n two", 10),
        (b"X", b"1", 28),
        (b"subject", b"three", 33),
    ]


def test_fields_join_to_the_header() -> None:
    assert b"".join(f.raw for f in fields(MAIL, 0, len(MAIL))) + b"\n" == MAIL[:-5]


@given(
    st.lists(st.sampled_from([b"a", b":", b" ", b"\t", b"\n", b"\r\n", b"\r", b"\0"])).map(b"".join)
)
def test_any_bytes_are_fields(data: bytes) -> None:
    end = header_end(data)
    raw = b"".join(f.raw for f in fields(data, 0, end))

    assert data[:end] in (raw, raw + b"\n", raw + b"\r\n")
    assert all(b"\n" not in f.name for f in fields(data, 0, end))


@pytest.mark.parametrize(
    ("header", "size"),
    [
        (b"", 0),
        (b"\n", 1),
        (b"\r\nx", 2),
        (b"\r", 1),
        (b"a\n\nb", 3),
        (b"a\r\n\r\nb\n\n", 5),
        (b"a\n\r\n\nb", 4),
        (b"a\n\r\r\n", 5),
        (b"a" * 5000 + b"\n\nb", 5002),
        (b"a" * 4094 + b"\r\n\r\nb", 4098),
        (b"a" * 4095 + b"\n\nb", 4097),
    ],
)
def test_the_header_ends_with_its_first_empty_line(header: bytes, size: int) -> None:
    assert header_end(header) == size


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b" x\n", b"x"),
        (b"x\r\n y\r\n", b"x\n y"),
        (b" \t x", b"x"),
        (b"  \n", b" "),
        (b" \n x\n", b"\n x"),
        (b"\n", b""),
        (b"", b""),
    ],
)
def test_values_lose_their_first_white_space(text: bytes, value: bytes) -> None:
    assert field_value(text) == value


@pytest.mark.parametrize(
    ("names", "negate", "expected"),
    [
        ([b"SUBJECT"], False, b"Subject: one\r\n two\r\nsubject : three\r\n\r\n"),
        ([b"subject", b"from"], True, b"X: 1\r\n\r\n"),
        ([b"missing"], False, b"\r\n"),
        ([], True, b"From: a@b\r\nSubject: one\r\n two\r\nX: 1\r\nsubject : three\r\n\r\n"),
    ],
)
def test_selected_fields(names: list[bytes], negate: bool, expected: bytes) -> None:
    crlf = MAIL.replace(b"\n", b"\r\n")

    assert select_fields(MAIL, parse_message(MAIL), names, negate) == expected
    assert select_fields(crlf, parse_message(crlf), names, negate) == expected


@pytest.mark.parametrize("mail", [b"From: a@b", b"From: a@b\n"])
def test_a_header_without_end_gets_its_empty_line(mail: bytes) -> None:
    assert select_fields(mail, parse_message(mail), [b"from"]) == b"From: a@b\r\n\r\n"


def test_first_is_the_first_of_its_name() -> None:
    root = parse_message(MAIL)

    assert first(MAIL, root, b"SUBJECT") == b"one\n two"
    assert first(MAIL, root, b"body") is None


def test_an_overlong_name_is_text() -> None:
    (field,) = fields(b"n" * 1001 + b": v\n", 0, 1005)

    assert (field.name, field.value) == (b"", b"n" * 1001 + b": v")
