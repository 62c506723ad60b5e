"""Frames of the log at every split of the input, and what is complete of a transaction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.index.errors import BadRecord
from culver.index.extrecords import HeaderUpdate
from culver.index.framing import frames, transaction
from culver.index.logrecord import as_ranges
from culver.index.msgrecords import ADD, KeywordUpdate
from culver.index.packing import MAX_SIZE, pack_size, unpack_size

ONE = HeaderUpdate(patches=((24, b"\1\0\0\0"),))
TWO = KeywordUpdate(modify=ADD, name="kw", ranges=as_ranges([1, 2, 5]))


@pytest.mark.parametrize(
    ("size", "packed"),
    [
        (0, "80808080"),
        (8, "80808082"),
        (0x1FC, "808080ff"),
        (0x200, "80808180"),
        (MAX_SIZE - 4, "ffffffff"),
    ],
)
def test_sizes_are_packed_in_groups_of_seven_bits(size: int, packed: str) -> None:
    assert pack_size(size).hex() == packed
    assert unpack_size(bytes.fromhex(packed)) == size


@pytest.mark.parametrize("size", [1, 6, -4, MAX_SIZE])
def test_a_size_that_cannot_be_packed_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="multiple of 4"):
        pack_size(size)


@pytest.mark.parametrize("packed", ["00000000", "00808080", "80800080", "7fffffff"])
def test_a_word_without_all_marks_was_not_written(packed: str) -> None:
    assert unpack_size(bytes.fromhex(packed)) == 0


def test_one_record_has_no_boundary_and_two_have() -> None:
    assert [f.kind & 0xFFFFFFF for f in frames(transaction([ONE]), 0)] == [0x20]
    assert [f.kind & 0xFFFFFFF for f in frames(transaction([ONE, TWO]), 0)] == [
        0x80000,
        0x20,
        0x400,
    ]


def test_a_transaction_is_seen_whole_or_not_at_all() -> None:
    first, second = transaction([TWO]), transaction([ONE, TWO])
    data = first + second
    for cut in range(len(data) + 1):
        found = list(frames(data[:cut], 40))
        expected = 0 if cut < len(first) else 1 if cut < len(data) else 4
        assert len(found) == expected
        if found:
            assert found[0].offset == 40
            assert found[-1].end <= 40 + cut


def test_zeros_after_the_last_record_are_not_written_yet() -> None:
    assert len(list(frames(transaction([ONE]) + bytes(64), 40))) == 1


def test_a_size_that_nobody_writes_is_an_error() -> None:
    with pytest.raises(BadRecord, match="log record size at 56"):
        list(frames(transaction([ONE]) + b"\1\2\3\4" + bytes(60), 40))


@given(st.binary(max_size=200))
def test_garbage_gives_frames_or_bad_record(data: bytes) -> None:
    try:
        found = list(frames(data, 0))
    except BadRecord:
        return
    assert all(f.end <= len(data) for f in found)
