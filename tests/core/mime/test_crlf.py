import mmap
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime import crlf

LINES = st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"a", b"\0"]), max_size=60).map(b"".join)


def slow_crlf(data: bytes) -> bytes:
    return re.sub(rb"(?<!\r)\n", b"\r\n", data)


@pytest.mark.parametrize(
    ("data", "served"),
    [
        (b"", b""),
        (b"\n", b"\r\n"),
        (b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\r\nb\n", b"a\r\nb\r\n"),
        (b"a\rb\n", b"a\rb\r\n"),
        (b"a\r\r\n\n\r", b"a\r\r\n\r\n\r"),
    ],
)
def test_only_a_bare_lf_gets_a_cr(data: bytes, served: bytes) -> None:
    assert crlf.to_crlf(data) == served
    assert crlf.virtual_size(data) == len(served)


@given(LINES, st.integers(1, 7))
def test_chunks_join_to_the_whole_wherever_they_are_cut(data: bytes, chunk: int) -> None:
    assert b"".join(crlf.iter_crlf(data, chunk=chunk)) == slow_crlf(data) == crlf.to_crlf(data)


@given(LINES)
def test_every_virtual_offset_leads_to_its_byte(data: bytes) -> None:
    served = slow_crlf(data)
    for offset in range(len(served)):
        at, cr_skipped = crlf.physical_offset(data, 0, len(data), offset)
        assert data[at] == served[offset] or (data[at] == 10 and served[offset] == 13)
        assert cr_skipped is (data[at] == 10 == served[offset] and data[at - 1 : at] != b"\r")
    assert crlf.physical_offset(data, 0, len(data), len(served) + 1) == (len(data), False)


@given(LINES, st.integers(0, 60), st.integers(0, 60))
def test_counts_of_a_range_are_those_of_the_slice(data: bytes, start: int, end: int) -> None:
    start, end = sorted((min(start, len(data)), min(end, len(data))))
    piece = data[start:end]
    assert crlf.count_lf(data, start, end) == piece.count(b"\n")
    assert crlf.virtual_size(data, start, end) == len(slow_crlf(piece))


@pytest.mark.parametrize("piece", [b"line\n", b"line\r\n", b"a\r\nb\n\n\r", b"\n"])
def test_vectors_count_what_loops_count(piece: bytes) -> None:
    data = piece * (3_000_000 // len(piece))

    assert crlf.count_lf(data) == data.count(b"\n")
    assert crlf.count_bare_lf(data) == data.count(b"\n") - data.count(b"\r\n")
    assert crlf.virtual_size(data, 1, len(data) - 1) == len(slow_crlf(data[1:-1]))


def test_an_offset_far_behind_mixed_line_ends_is_found() -> None:
    data = b"a\r\nb\n\n\r" * 400_000
    served = slow_crlf(data)

    for offset in (0, 1, 1_500_000, 2_999_999, len(served) - 1):
        at, cr_skipped = crlf.physical_offset(data, 0, len(data), offset)
        rest = b"".join(crlf.iter_crlf(data, at, at + 20))
        assert rest[cr_skipped:][:10].lstrip(b"\r")[:5] == served[offset:][:10].lstrip(b"\r")[:5]


def test_a_mapped_file_counts_like_bytes(tmp_path: Path) -> None:
    file = tmp_path / "mail"
    file.write_bytes(b"a\nb\r\n" * 5000)
    with file.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)

        assert crlf.virtual_size(mapped) == 30000
        assert crlf.to_crlf(mapped, 0, 5) == b"a\r\nb\r\n"
        assert crlf.to_lf(mapped, 0, 5) == b"a\nb\n"
        mapped.close()  # fails while a view of it is alive
