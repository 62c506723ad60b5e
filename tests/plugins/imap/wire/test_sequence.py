"""Sequence sets: what they mean, and that writing one and reading it back changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from culver_plugins.imap.wire import sequence
from culver_plugins.imap.wire.sequence import SAVED_RESULT, STAR, Ranges

CANONICAL: list[tuple[bytes, Ranges]] = [
    (b"1", ((1, 1),)),
    (b"1:3", ((1, 3),)),
    (b"1:3,5", ((1, 3), (5, 5))),
    (b"5,7:9,4294967295", ((5, 5), (7, 9), (4294967295, 4294967295))),
    (b"*", ((STAR, STAR),)),
    (b"5:*", ((5, STAR),)),
    (b"1,5:*", ((1, 1), (5, STAR))),
    (b"$", SAVED_RESULT),
]
OTHER: list[tuple[bytes, Ranges]] = [
    (b"3:1", ((1, 3),)),
    (b"*:5", ((5, STAR),)),
    (b"5,4,3", ((3, 5),)),
    (b"1:3,2:7", ((1, 7),)),
    (b"1:3,4:7,9", ((1, 7), (9, 9))),
    (b"2:7,3:4", ((2, 7),)),
    (b"*:*", ((STAR, STAR),)),
    (b"*,*", ((STAR, STAR),)),
    (b"5:*,7:9", ((5, STAR),)),
    (b"5:*,*", ((5, STAR), (STAR, STAR))),
    (b"4294967295,*", ((4294967295, 4294967295), (STAR, STAR))),
]
WRONG = [
    b"",
    b"0",
    b"01",
    b"1:",
    b":1",
    b"1,,2",
    b"1,",
    b",1",
    b"1:2:3",
    b"a",
    b"-1",
    b"1 2",
    b"**",
]


@pytest.mark.parametrize(("text", "ranges"), CANONICAL + OTHER)
def test_parse(text: bytes, ranges: Ranges) -> None:
    assert sequence.parse(text) == ranges


@pytest.mark.parametrize(("text", "ranges"), CANONICAL)
def test_format(text: bytes, ranges: Ranges) -> None:
    assert sequence.format_ranges(ranges) == text


@pytest.mark.parametrize("text", WRONG)
def test_the_pattern_takes_no_less_and_no_more_than_the_grammar(text: bytes) -> None:
    assert sequence.SEQUENCE_SET.fullmatch(text) is None


@pytest.mark.parametrize("text", [b"4294967296", b"9999999999", b"1:4294967296", b"1,9999999999"])
def test_numbers_over_32_bits_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="4294967295"):
        sequence.parse(text)


@pytest.mark.parametrize(
    ("text", "largest", "resolved"),
    [
        (b"1:3", 9, ((1, 3),)),
        (b"*", 9, ((9, 9),)),
        (b"5:*", 9, ((5, 9),)),
        (b"559:*", 3, ((3, 559),)),
        (b"1,*", 9, ((1, 1), (9, 9))),
        (b"8,*", 9, ((8, 9),)),
        (b"5:*,*", 9, ((5, 9),)),
        (b"1:*", 0, ()),
        (b"1,*", 0, ((1, 1),)),
        (b"$", 9, SAVED_RESULT),
    ],
)
def test_resolve(text: bytes, largest: int, resolved: Ranges) -> None:
    assert sequence.resolve(sequence.parse(text), largest) == resolved


def test_no_ranges() -> None:
    assert sequence.resolve((), 5) == ()
    assert sequence.format_set([]) == b""
    assert sequence.format_set(BitMap()) == b""
    assert not sequence.has_star(())


def test_count_and_numbers() -> None:
    ranges = sequence.parse(b"1:3,7")

    assert sequence.count(ranges) == 4
    assert list(sequence.numbers(ranges)) == [1, 2, 3, 7]


def test_star_is_seen() -> None:
    assert sequence.has_star(sequence.parse(b"1,5:*"))
    assert not sequence.has_star(sequence.parse(b"1:5"))


@given(st.sets(st.integers(1, 4294967295), max_size=60) | st.sets(st.integers(1, 40)))
def test_a_bitmap_and_sorted_ints_are_written_alike_and_read_back(uids: set[int]) -> None:
    written = sequence.format_set(sorted(uids))

    assert written == sequence.format_set(BitMap(uids))
    if uids:
        assert set(sequence.numbers(sequence.parse(written))) == uids


def test_the_edges_of_a_bitmap() -> None:
    assert (
        sequence.format_set(BitMap([0, 1, 4294967294, 4294967295])) == b"0:1,4294967294:4294967295"
    )
