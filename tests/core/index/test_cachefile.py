"""The cache file: fields and records in both directions, purges, damage, several objects."""

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.index import cachefields as cf
from culver.index.cachefields import CacheField, decode_fields, encode_fields, field
from culver.index.cachefile import CacheFile, CacheLimits
from culver.index.cacheheader import CacheHeader
from culver.index.cacherecords import decode_record, encode_record, merged
from culver.index.engine import MailboxIndex
from culver.index.errors import BadRecord, IndexCorrupted
from culver.index.settings import IndexSettings

FIELDS = [field("flags"), field("hdr.subject", cf.YES, 5), field("size.virtual"), field("guid")]
SUBJECT = ["hdr.subject"]


@pytest.fixture
def cache(index: MailboxIndex) -> Any:
    change = index.begin()
    change.append([0, 0, 0])
    change.commit()
    found = CacheFile(index)
    yield found
    found.close()


def store(
    cache: CacheFile, index: MailboxIndex, uids: list[int], values: Any, decision: Any = cf.YES
) -> None:
    with index.lock():
        change = index.begin()
        cache.add(change, uids, values, decision)
        change.commit()


def header_of(cache: CacheFile) -> CacheHeader:
    assert cache.header is not None
    return cache.header


def test_fields_in_both_directions() -> None:
    assert decode_fields(encode_fields(FIELDS)) == FIELDS
    assert decode_fields(encode_fields([])) == []


@pytest.mark.parametrize(
    "broken",
    [
        [CacheField("a", 5)],
        [CacheField("a", 1, decision=3)],
        [CacheField("", 1)],
        [CacheField("a", 1), CacheField("a", 1)],
        [CacheField("a", 0, 70000)],
    ],
)
def test_impossible_fields_are_refused(broken: list[CacheField]) -> None:
    with pytest.raises(BadRecord, match="cache field"):
        decode_fields(encode_fields(broken))


def test_cut_off_fields_are_refused() -> None:
    data = encode_fields(FIELDS)
    for size in range(len(data) - 3):
        with pytest.raises(BadRecord):
            decode_fields(data[:size])


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed are"):
        field("imap.nonsense")


def test_newest_values_win_and_bitmasks_add_up() -> None:
    old = encode_record(0, [(1, FIELDS[1], b"old"), (0, FIELDS[0], b"\1\0\0\0")])
    new = encode_record(32, [(1, FIELDS[1], b"new!!"), (0, FIELDS[0], b"\2\0\0\0")])
    data = bytes(32) + old + new
    assert decode_record(data, 32, FIELDS)[1][0] == (1, b"old")
    assert merged(data, 32 + len(old), FIELDS) == {1: b"new!!", 0: b"\3\0\0\0"}


@pytest.mark.parametrize("previous", [32, 36, 4096])
def test_a_record_links_only_to_those_before_it(previous: int) -> None:
    record = encode_record(previous, [(1, FIELDS[1], b"s")])
    with pytest.raises(BadRecord, match="cache record at 32"):
        merged(bytes(32) + record, 32, FIELDS)


@given(st.binary(max_size=120), st.integers(0, 130))
def test_garbage_gives_values_or_bad_record(data: bytes, offset: int) -> None:
    try:
        merged(data, offset, FIELDS)
    except BadRecord:
        return


def test_values_are_found_again(cache: CacheFile, index: MailboxIndex, tmp_path: Path) -> None:
    store(cache, index, [1, 3], {"hdr.subject": [b"one", b"three"], "guid": [None, b"g3"]})
    store(cache, index, [1, 2], {"size.virtual": [b"\1" * 8, b"\2" * 8]})

    other_index = MailboxIndex(tmp_path)
    other_index.open()
    for found in (cache, CacheFile(other_index)):
        assert found.lookup([1, 2, 3, 9], ["hdr.subject", "guid", "size.virtual"]) == [
            {"hdr.subject": b"one", "size.virtual": b"\1" * 8},
            {"size.virtual": b"\2" * 8},
            {"hdr.subject": b"three", "guid": b"g3"},
            {},
        ]
    assert cache.decision("guid") == cf.YES
    assert cache.decision("imap.envelope") == cf.NO
    assert header_of(cache).record_count == 3
    assert header_of(cache).continued_record_count == 1


def test_a_message_is_cached_by_the_transaction_that_appends_it(
    cache: CacheFile, index: MailboxIndex
) -> None:
    with index.lock():
        uid = index.state.header.next_uid
        change = index.begin()
        change.append([8], uids=[uid])
        cache.add(change, [uid], {"hdr.subject": [b"fresh"]})
        cache.add(change, [1], {"hdr.subject": [b"too"]})
        change.commit()
    assert cache.lookup([uid, 1], SUBJECT) == [{"hdr.subject": b"fresh"}, {"hdr.subject": b"too"}]


def test_values_of_the_wrong_size_and_too_large_records(
    cache: CacheFile, index: MailboxIndex
) -> None:
    with pytest.raises(ValueError, match="allowed are 8"):
        store(cache, index, [1], {"size.virtual": [b"1"]})
    store(cache, index, [1, 2], {"hdr.subject": [b"x" * 70000, b"fine"]})
    assert cache.lookup([1, 2], SUBJECT) == [{}, {"hdr.subject": b"fine"}]


def test_another_process_adds_a_field(
    cache: CacheFile, index: MailboxIndex, tmp_path: Path
) -> None:
    store(cache, index, [1], {"hdr.subject": [b"one"]})
    cache.lookup([1], SUBJECT)
    other_index = MailboxIndex(tmp_path)
    other_index.open()
    store(CacheFile(other_index), other_index, [1], {"guid": [b"g"]})

    index.refresh()
    assert cache.lookup([1], ["guid", "hdr.subject"]) == [{"guid": b"g", "hdr.subject": b"one"}]


def test_purge_keeps_what_is_wanted(cache: CacheFile, index: MailboxIndex) -> None:
    store(cache, index, [1, 2], {"hdr.subject": [b"one", b"two"], "guid": [b"g1", b"g2"]})
    store(cache, index, [1], {"hdr.from": [b"f1"]})
    cache.set_decision("guid", cf.NO)
    old = header_of(cache).file_seq
    with index.lock():
        change = index.begin()
        change.expunge([2])
        change.commit()
    cache.note_expunged(1)
    assert header_of(cache).deleted_record_count == 1
    with index.lock():
        change = index.begin()
        cache.purge(change)
        change.commit()

    assert cache.refresh()
    assert header_of(cache).file_seq > old
    assert header_of(cache).record_count == 1
    assert [f.name for f in cache.fields] == ["hdr.subject", "hdr.from"]
    assert cache.lookup([1], ["hdr.subject", "hdr.from", "guid"]) == [
        {"hdr.subject": b"one", "hdr.from": b"f1"}
    ]


def test_fields_nobody_used_are_dropped(tmp_path: Path) -> None:
    now = [1_700_000_000.0]
    index = MailboxIndex(tmp_path, IndexSettings(fsync="never"), clock=lambda: now[0])
    index.create(1)
    cache = CacheFile(index)
    change = index.begin()
    change.append([0])
    change.commit()
    store(cache, index, [1], {"hdr.subject": [b"s"], "guid": [b"g"]})
    now[0] += 40 * 24 * 3600
    cache.set_decision("guid", cf.YES)
    change = index.begin()
    change.append([0])
    change.commit()
    with index.lock():
        change = index.begin()
        cache.purge(change)
        change.commit()
    assert (cache.decision("hdr.subject"), cache.decision("guid")) == (cf.TEMP, cf.YES)
    now[0] += 80 * 24 * 3600
    change = index.begin()
    change.append([0])
    change.commit()
    with index.lock():
        change = index.begin()
        cache.purge(change)
        change.commit()
    assert cache.fields == []


def test_when_to_purge(cache: CacheFile, index: MailboxIndex) -> None:
    cache.limits = CacheLimits(purge_min_size=0)
    assert not cache.wants_purge()
    store(cache, index, [1, 2, 3], {"hdr.subject": [b"1", b"2", b"3"]})
    assert not cache.wants_purge()
    cache.note_expunged(1)
    assert cache.wants_purge()
    cache.limits = CacheLimits()
    assert not cache.wants_purge()
    for n in range(5):
        store(cache, index, [1], {f"hdr.x{n}": [b"v"]})
    assert cache.wants_purge()


def test_a_lost_file_is_made_again(cache: CacheFile, index: MailboxIndex) -> None:
    store(cache, index, [1], {"hdr.subject": [b"one"]})
    os.unlink(cache.path)
    assert not cache.refresh()
    assert cache.lookup([1], SUBJECT) == [{}]
    store(cache, index, [2], {"hdr.subject": [b"two"]})
    assert cache.lookup([1, 2], SUBJECT) == [{}, {"hdr.subject": b"two"}]


def test_flipped_and_cut_off_files_give_values_or_errors(
    cache: CacheFile, index: MailboxIndex, tmp_path: Path
) -> None:
    store(cache, index, [1, 2], {"hdr.subject": [b"one", b"two"], "guid": [b"g1", None]})
    store(cache, index, [1], {"hdr.from": [b"f"]})
    cache.close()
    with open(cache.path, "rb") as f:
        data = f.read()
    broken = [data[:size] for size in range(len(data))]
    broken += [data[:n] + bytes([data[n] ^ 0x55]) + data[n + 1 :] for n in range(len(data))]
    for content in broken:
        with open(cache.path, "wb") as f:
            f.write(content)
        fresh = CacheFile(index)
        with contextlib.suppress(IndexCorrupted):
            fresh.lookup([1, 2, 3], ["hdr.subject", "guid", "hdr.from"])
        fresh.close()


def test_a_broken_file_is_replaced_by_the_next_add(cache: CacheFile, index: MailboxIndex) -> None:
    store(cache, index, [1], {"hdr.subject": [b"one"]})
    cache.close()
    with open(cache.path, "r+b") as f:
        f.write(b"\x09")
    with pytest.raises(IndexCorrupted, match="cache version"):
        cache.refresh()
    store(cache, index, [1], {"hdr.subject": [b"again"]})
    assert cache.lookup([1], SUBJECT) == [{"hdr.subject": b"again"}]
