from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.crlf import to_crlf
from culver.mime.parse import parse_message
from culver.mime.sections import (
    Section,
    Want,
    locate,
    parse_section,
    section_bytes,
    slice_chunks,
    slice_size,
)

CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (b"", Section()),
        (b"HEADER", Section((), Want.HEADER)),
        (b"text", Section((), Want.TEXT)),
        (b"1.2", Section((1, 2))),
        (b"1.2.MIME", Section((1, 2), Want.MIME)),
        (b"3.HEADER", Section((3,), Want.HEADER)),
        (b"HEADER.FIELDS (From To)", Section((), Want.FIELDS, (b"From", b"To"))),
        (b'1.header.fields.not ("a b" {x})', Section((1,), Want.FIELDS_NOT, (b"a b", b"{x}"))),
    ],
)
def test_specs(spec: bytes, expected: Section) -> None:
    assert parse_section(spec) == expected


@pytest.mark.parametrize(
    "spec",
    [b"MIME", b"1.", b".1", b"1..2", b"1HEADER", b"HEADER.FIELDS ()", b"HEADERS", b"a", b"1.x"],
)
def test_other_specs_are_refused(spec: bytes) -> None:
    with pytest.raises(ValueError, match="section"):
        parse_section(spec)


@pytest.mark.parametrize(
    ("name", "spec", "expected"),
    [
        ("plain", b"1", b"Hello\r\nWorld\r\n"),
        ("plain", b"2", b""),
        ("plain", b"0", b""),
        ("plain", b"1.1", b""),
        ("plain", b"1.HEADER", b""),
        ("multipart", b"1", b"first"),
        ("multipart", b"1.MIME", b"Content-Type: text/plain\r\n\r\n"),
        ("message-in-multipart", b"1.1", b"deep"),
        ("message-in-multipart", b"1.2.1", b"deepest"),
        ("message-in-multipart", b"1.2.TEXT", b"deepest"),
        ("message-in-multipart", b"1.2.HEADER", b"Subject: deeper\r\n\r\n"),
        ("message-in-multipart", b"1.HEADER.FIELDS (From)", b"From: in@ner.x\r\n\r\n"),
        ("message-in-multipart", b"2.HEADER", b""),
        ("nuls-in-body", b"TEXT", b"bo\x80dy\r\n\x80\r\n"),
    ],
)
def test_sections(name: str, spec: bytes, expected: bytes) -> None:
    mail = (CORPUS / f"{name}.eml").read_bytes()
    for data in (mail, to_crlf(mail)):
        assert section_bytes(data, parse_message(data), parse_section(spec)) == expected


@given(
    st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"a"]), max_size=30).map(b"".join),
    st.integers(0, 70),
    st.integers(0, 70),
    st.integers(1, 9),
)
def test_any_partial_is_a_slice_of_the_whole(
    text: bytes, offset: int, size: int, chunk: int
) -> None:
    mail = b"Subject: x\n\n" + text
    root = parse_message(mail)
    whole = to_crlf(text)
    where = locate(root, Section((), Want.TEXT))
    assert where is not None

    pieces = list(slice_chunks(mail, where, offset, size, chunk))
    assert b"".join(pieces) == whole[offset : offset + size]
    assert slice_size(where, offset, size) == len(whole[offset : offset + size])
    assert section_bytes(mail, root, Section((), Want.TEXT), offset) == whole[offset:]


def test_a_slice_with_crlf_is_served_as_it_is() -> None:
    mail = b"Subject: x\r\n\r\n" + b"line\r\n" * 50_000
    where = locate(parse_message(mail), Section())

    assert where is not None
    assert where.as_is
    assert [len(piece) for piece in slice_chunks(mail, where)][:2] == [65536, 65536]
    assert b"".join(slice_chunks(mail, where)) == mail
