"""Extension headers in both directions, what is refused, and the layout of records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.index.errors import BadRecord
from culver.index.extheader import (
    ExtensionHeader,
    check_extension,
    decode_extensions,
    layout,
)
from culver.index.header import BaseHeader

MODSEQ = ExtensionHeader("modseq", 0, 8, 8, 8, b"0123456789abcdef")
KEYWORDS = ExtensionHeader("keywords", 3, 5, 2, 1, b"\0" * 131)


def decoded(*extensions: bytes, record_size: int = 16) -> list[ExtensionHeader]:
    data = bytes(120) + b"".join(extensions)
    header = BaseHeader(header_size=len(data), record_size=record_size)
    return list(decode_extensions(data, header))


def test_the_bytes_are_dovecots() -> None:
    raw = MODSEQ.encode()
    assert raw.hex() == (
        "1000000000000000 0800080008000600 6d6f647365710000".replace(" ", "")
        + b"0123456789abcdef".hex()
    )
    assert len(KEYWORDS.encode()) % 8 == 0


def test_extensions_in_both_directions() -> None:
    assert decoded(MODSEQ.encode(), KEYWORDS.encode()) == [MODSEQ, KEYWORDS]
    assert decoded() == []


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (ExtensionHeader("", 0, 8, 8, 8), "extension header offset"),
        (ExtensionHeader("x" * 65, 0, 8, 8, 8), "extension name"),
        (ExtensionHeader("a\x01", 0, 8, 8, 8), "extension name"),
        (ExtensionHeader("a"), "no header and no record"),
        (ExtensionHeader("a", 0, 8, 8, 0), "record_align"),
        (ExtensionHeader("a", 0, 8, 8, 16), "record_align"),
        (ExtensionHeader("a", 0, 8, 40000, 8), "record_size"),
        (ExtensionHeader("a", 0, 12, 8, 4), "record end"),
        (ExtensionHeader("a", 0, 2, 2, 1), "record end"),
        (ExtensionHeader("a", 0, 6, 4, 4), "place"),
    ],
)
def test_impossible_extensions_are_refused(broken: ExtensionHeader, message: str) -> None:
    with pytest.raises(BadRecord, match=message):
        decoded(broken.encode())


def test_a_name_may_stand_there_once() -> None:
    with pytest.raises(BadRecord, match="once"):
        decoded(MODSEQ.encode(), MODSEQ.encode())


def test_cut_off_extensions_are_refused() -> None:
    raw = MODSEQ.encode()
    for size in range(1, len(raw)):
        with pytest.raises(BadRecord):
            decoded(raw[:size])


def test_a_header_is_not_larger_than_16_mib() -> None:
    check_extension("a", 1 << 23, 0, 0)
    with pytest.raises(BadRecord, match="header size"):
        check_extension("a", 1 << 24, 0, 0)


@pytest.mark.parametrize(
    ("sizes", "offsets", "record_size"),
    [
        ([], [], 8),
        ([(0, 1)], [0], 8),
        ([(8, 8)], [8], 16),
        ([(2, 1), (8, 8), (4, 4)], [5, 8, 16], 24),
        ([(4, 4), (3, 1)], [8, 5], 12),
        ([(16, 1)], [5], 24),
        ([(2, 2), (1, 1)], [6, 5], 8),
    ],
)
def test_layouts(sizes: list[tuple[int, int]], offsets: list[int], record_size: int) -> None:
    assert layout(sizes) == (offsets, record_size)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from([1, 2, 4, 8])), max_size=8),
)
def test_layouts_are_aligned_and_do_not_overlap(sizes: list[tuple[int, int]]) -> None:
    offsets, record_size = layout(sizes)
    used: set[int] = set(range(5))
    for (size, align), offset in zip(sizes, offsets, strict=True):
        if size:
            place = set(range(offset, offset + size))
            assert offset % align == 0
            assert record_size % align == 0
            assert not used & place
            assert max(place) < record_size
            used |= place
