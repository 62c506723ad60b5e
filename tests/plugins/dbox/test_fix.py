"""Broken files become sound ones, and nothing whole in them is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.dbox.fileheader import decode_file_header, encode_file_header
from culver_plugins.dbox.fix import fixed
from culver_plugins.dbox.messageheader import encode_message_header
from culver_plugins.dbox.metadata import Metadata, new_metadata
from culver_plugins.dbox.record import read_records

HEADER = encode_file_header(0x100)


def message(body: bytes, guid: str = "a" * 32, size: int | None = None) -> bytes:
    metadata = new_metadata(received=1, virtual_size=len(body), guid=guid)
    return encode_message_header(len(body) if size is None else size) + body + metadata.encode()


def mended(data: bytes) -> list[tuple[bytes, Metadata]]:
    whole = b"".join(fixed(data, 0x200, lambda: "f" * 32))
    records = read_records(whole, decode_file_header(whole))
    return [(record.stored(whole), record.metadata) for record in records]


A, B, C = message(b"first\n\na\n"), message(b"second\n"), message(b"third\n")
LONG = b"x" * 300 + b"\n"


@pytest.mark.parametrize(
    ("data", "bodies"),
    [
        pytest.param(HEADER + A + B, [b"first\n\na\n", b"second\n"], id="sound"),
        pytest.param(A + B, [b"first\n\na\n", b"second\n"], id="no file header"),
        pytest.param(HEADER + A + B[:20], [b"first\n\na\n"], id="cut off in a header"),
        pytest.param(HEADER + A + B[:34], [b"first\n\na\n"], id="cut off in a body"),
        pytest.param(HEADER + A + B[:-3], [b"first\n\na\n"], id="cut off in metadata"),
        pytest.param(
            HEADER + A + B[:34] + b"\n" + C, [b"first\n\na\n", b"seco\n", b"third\n"], id="torn"
        ),
        pytest.param(
            HEADER + message(b"wrong\n", size=3) + C, [b"wrong\n", b"third\n"], id="size too small"
        ),
        pytest.param(
            HEADER + message(b"wrong\n", size=99) + C, [b"wrong\n", b"third\n"], id="size too large"
        ),
        pytest.param(HEADER + b"junk\n" + C, [b"third\n"], id="a little junk"),
        pytest.param(HEADER + LONG + C, [LONG, b"third\n"], id="much junk may be a mail"),
        pytest.param(
            HEADER + A + message(b"see\n\x01\x02N  \n\n\x01\x03\nG1\n\nend\n") + C,
            [b"first\n\na\n", b"see\n\x01\x02N  \n\n\x01\x03\nG1\n\nend\n", b"third\n"],
            id="a mail about dbox",
        ),
        pytest.param(b"", [], id="empty"),
        pytest.param(HEADER, [], id="no mails"),
    ],
)
def test_what_is_found(data: bytes, bodies: list[bytes]) -> None:
    assert [body for body, _ in mended(data)] == bodies


def test_metadata_is_kept_and_completed() -> None:
    torn = encode_message_header(3) + b"abc\n\n\x01\x03\nR1\nPuidl\nV99\n\n"
    ((body, metadata),) = mended(HEADER + torn)
    assert body == b"abc\n"
    assert metadata.lines == (b"R1", b"Puidl", b"V5", b"G" + b"f" * 32)


def test_the_size_of_a_transformed_mail_stays() -> None:
    torn = encode_message_header(9) + b"zip\n\x01\x03\nZ64\nV70\nGg\n\n"
    ((_, metadata),) = mended(HEADER + torn)
    assert metadata.lines == (b"Z64", b"V70", b"Gg")


@pytest.mark.parametrize("place", range(len(HEADER), len(HEADER + A)))
def test_a_flipped_byte_in_one_mail_loses_no_other(place: int) -> None:
    data = bytearray(HEADER + A + B + C)
    data[place] ^= 0x55
    bodies = [body for body, _ in mended(bytes(data))]
    assert bodies[-2:] == [b"second\n", b"third\n"]


@given(st.binary(max_size=300))
def test_garbage_becomes_a_sound_file(garbage: bytes) -> None:
    mended(garbage)
    bodies = [body for body, _ in mended(HEADER + A + garbage)]
    assert bodies[:1] == [b"first\n\na\n"]
