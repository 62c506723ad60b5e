"""The bytes of dbox files: headers, metadata, messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.fileheader import FileHeader, decode_file_header, encode_file_header
from culver_plugins.dbox.messageheader import (
    HEADER_SIZE,
    decode_message_header,
    encode_message_header,
)
from culver_plugins.dbox.metadata import Metadata, decode_metadata, new_metadata
from culver_plugins.dbox.record import read_record, read_records

GUID = "7c079633b72f036b1437000083ecc375"

# What Dovecot 2.3.19 wrote.
STORED = (
    b"2 M1e C6b032fb7\n"
    b"\x01\x02N          0000000000000011\nSubject: 1\n\nbody\n"
    b"\n\x01\x03\nR6b032fb7\nV14\nG7c079633b72f036b1437000083ecc375\nBINBOX\n\n"
    b"\x01\x02N          0000000000000011\nSubject: 2\n\nbody\n"
    b"\n\x01\x03\nR6b032fb7\nV14\nG7f49e834b72f036b2437000083ecc375\nBINBOX\n\n"
)


def message(body: bytes, metadata: Metadata | None = None) -> bytes:
    known = metadata or new_metadata(received=1, virtual_size=len(body), guid=GUID)
    return encode_message_header(len(body)) + body + known.encode()


def test_what_dovecot_wrote_is_read() -> None:
    header = decode_file_header(STORED)
    assert header == FileHeader(0x6B032FB7, 30, 2, 16)
    first, second = read_records(STORED, header)
    assert first.stored(STORED) == b"Subject: 1\n\nbody\n"
    assert (first.offset, first.length, second.offset) == (16, 107, 123)
    assert first.metadata.guid == GUID
    assert (first.metadata.received, first.metadata.virtual_size) == (0x6B032FB7, 0x14)
    assert first.metadata.get(b"B") == b"INBOX"
    assert second.end == len(STORED)


def test_what_we_write_is_what_dovecot_writes() -> None:
    metadata = new_metadata(received=0x6B032FB7, virtual_size=0x14, guid=GUID, mailbox="INBOX")
    written = encode_file_header(0x6B032FB7) + message(b"Subject: 1\n\nbody\n", metadata)
    assert written == STORED[: len(written)]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"", "no file header"),
        (b"2 M1e C6b", "no file header"),
        (b"3 M1e C6b\n", "version"),
        (b"2 M1e Cxyz\n", "hex"),
        (b"2 C6b\n", "message header size"),
        (b"2 M1d C6b\n", "message header size"),
        (b"x" * 2000, "no file header"),
    ],
)
def test_file_headers_that_are_none(line: bytes, what: str) -> None:
    with pytest.raises(DboxCorrupted, match=what):
        decode_file_header(line)


@pytest.mark.parametrize(
    ("line", "header"),
    [
        (b"2 M1e C1\n", FileHeader(1, 30, 2, 9)),
        (b"1 M2A Cff A00000000\n", FileHeader(255, 42, 1, 20)),
        (b"2 Zsomething M1e\n", FileHeader(0, 30, 2, 17)),
    ],
)
def test_other_file_headers(line: bytes, header: FileHeader) -> None:
    assert decode_file_header(line) == header
    assert header.appendable == (line[:1] == b"2")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda h: h[:-1], "29 of 30 bytes"),
        (lambda h: b"\x01\x03" + h[2:], "starts with"),
        (lambda h: h[:-1] + b" ", "LF"),
        (lambda h: h.replace(b"000a", b"000x"), "hex digits"),
    ],
)
def test_message_headers_that_are_none(change: object, what: str) -> None:
    assert callable(change)
    with pytest.raises(DboxCorrupted, match=what):
        decode_message_header(change(encode_message_header(10)), 0, HEADER_SIZE)


@pytest.mark.parametrize(
    ("block", "lines", "rest"),
    [
        (b"\n\x01\x03\n\nnext", (), b"next"),
        (b"\n\x01\x03\nG1\n\n", (b"G1",), b""),
        (b"\n\x01\x03\nG1\nXunknown\nG2\n\nnext", (b"G1", b"Xunknown", b"G2"), b"next"),
        (b"\n\x01\x03\nG1\n   \nnext", (b"G1",), b"next"),
    ],
)
def test_metadata_blocks(block: bytes, lines: tuple[bytes, ...], rest: bytes) -> None:
    metadata, end = decode_metadata(block, 0)
    assert metadata.lines == lines
    assert block[end:] == rest


def test_metadata_values() -> None:
    metadata = Metadata((b"Rff", b"Vxx", b"G"))
    assert metadata.received == 255
    assert metadata.virtual_size == -1
    assert metadata.guid == ""
    assert metadata.get(b"P") is None
    assert "INBOX" not in str(new_metadata(received=0, virtual_size=0, guid="g", mailbox="a\nb"))


def test_every_cut_of_a_file_is_noticed() -> None:
    header = decode_file_header(STORED)
    for end in range(header.size, len(STORED)):
        if end in (header.size, 123):
            continue
        with pytest.raises(DboxCorrupted):
            list(read_records(STORED[:end], header))


def test_every_flipped_byte_is_read_or_refused() -> None:
    for place in range(len(STORED)):
        broken = bytearray(STORED)
        broken[place] ^= 0xFF
        try:
            list(read_records(bytes(broken), decode_file_header(bytes(broken))))
        except DboxCorrupted:
            continue


@given(st.binary(max_size=200), st.integers(0, 2**32), st.text(max_size=20))
def test_what_is_written_is_read(body: bytes, received: int, mailbox: str) -> None:
    metadata = new_metadata(
        received=received, virtual_size=len(body), guid=GUID, physical_size=7, mailbox=mailbox
    )
    data = encode_file_header(received) + message(body, metadata)
    header = decode_file_header(data)
    record = read_record(data, header.size, header)
    assert record.stored(data) == body
    assert record.metadata == metadata
    assert (record.size, record.end) == (7, len(data))


@given(st.binary(max_size=300))
def test_garbage_is_refused(garbage: bytes) -> None:
    for data in (garbage, encode_file_header(1) + garbage):
        try:
            for record in read_records(data, decode_file_header(data)):
                assert record.end <= len(data)
        except DboxCorrupted:
            continue
