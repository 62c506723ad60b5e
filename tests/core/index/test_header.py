"""The base header in both directions, its checks, updates and upgrades."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.index.errors import BadRecord
from culver.index.header import (
    BASE_SIZE,
    FIELDS,
    TAIL_FIELD,
    BaseHeader,
    check_compatible,
    check_values,
    upgrade,
)

GOOD = BaseHeader(indexid=7, uid_validity=5, next_uid=9)


def test_the_first_bytes_are_dovecots() -> None:
    raw = GOOD.encode()
    assert len(raw) == BASE_SIZE
    assert raw[:32].hex() == ("0703780078000000080000000100000007000000000000000500000009000000")


@given(st.binary(min_size=BASE_SIZE, max_size=BASE_SIZE))
def test_every_header_in_both_directions(data: bytes) -> None:
    # The three bytes after compat_flags are not used.
    data = data[:2] + b"\x78\0" + data[4:13] + b"\0\0\0" + data[16:]
    assert BaseHeader.decode(data).encode() == data


def test_a_longer_header_of_a_newer_version_is_kept() -> None:
    raw = bytearray(GOOD.encode()) + b"new!"
    raw[2] = len(raw)
    assert BaseHeader.decode(bytes(raw)).encode() == bytes(raw)
    with pytest.raises(BadRecord, match="at least 120"):
        BaseHeader.decode(bytes(raw[:119]))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("major_version", 8, "major version"),
        ("flags", 1, "not marked as corrupted"),
        ("compat_flags", 0, "little endian"),
        ("base_header_size", 119, "base_header_size"),
        ("header_size", 119, "header_size"),
        ("header_size", 1001, "the file's size 1000"),
        ("record_size", 7, "record_size"),
        ("indexid", 0, "indexid"),
    ],
)
def test_what_cannot_be_read_is_refused(field: str, value: int, message: str) -> None:
    header = BaseHeader.decode(GOOD.encode())
    check_compatible(header, 1000)
    setattr(header, field, value)
    with pytest.raises(BadRecord, match=message):
        check_compatible(header, 1000)


@pytest.mark.parametrize(
    ("field", "value"),
    [("next_uid", 0), ("uid_validity", 0), ("first_recent_uid", 0), ("first_recent_uid", 10)],
)
def test_fields_that_contradict_each_other_are_refused(field: str, value: int) -> None:
    header = BaseHeader.decode(GOOD.encode())
    check_values(header)
    setattr(header, field, value)
    with pytest.raises(BadRecord, match=field):
        check_values(header)


def test_updates_change_all_but_what_the_log_owns() -> None:
    assert GOOD.patched(FIELDS["uid_validity"], b"\1\0\0\0").uid_validity == 1
    assert GOOD.patched(FIELDS["next_uid"], b"\1\0\0\0").next_uid == 9
    assert GOOD.patched(FIELDS["next_uid"], b"\x10\0\0\0").next_uid == 16
    assert GOOD.patched(TAIL_FIELD, b"\x10\0\0\0").log_file_tail_offset == 0
    with pytest.raises(BadRecord, match="at most 120"):
        GOOD.patched(118, b"abc")


@pytest.mark.parametrize(("minor", "rotated"), [(0, 0), (1, 0), (2, 0), (3, 44), (4, 44)])
def test_older_versions_are_upgraded(minor: int, rotated: int) -> None:
    header = BaseHeader(minor_version=minor, first_recent_uid=0, log2_rotate_time=44)
    upgrade(header)
    assert header.minor_version == max(3, minor)
    assert header.log2_rotate_time == rotated
    assert header.first_recent_uid == (minor == 0)
