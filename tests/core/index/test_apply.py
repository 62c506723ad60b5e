"""What each record does to a state, and which do not fit it."""

import numpy as np
import pytest

from culver.index import extrecords as ext
from culver.index import msgrecords as msg
from culver.index.apply import Applier
from culver.index.errors import BadRecord
from culver.index.extension import Extension
from culver.index.logrecord import LogRecord, as_ranges
from culver.index.state import IndexState


def intro(name: str = "", ext_id: int = ext.NEW, **values: int) -> ext.ExtIntro:
    sizes = {"reset_id": 0, "header_size": 4, "record_size": 4, "record_align": 4, "flags": 0}
    sizes |= values
    return ext.ExtIntro(intros=(ext.Introduction(ext_id=ext_id, name=name, **sizes),))


@pytest.fixture
def applier() -> Applier:
    found = Applier(IndexState.empty(1))
    messages = np.array([(n, 0, b"") for n in (1, 2, 5, 9)], msg.MESSAGE)
    found.apply(msg.Append(messages=messages), 2)
    return found


def of(applier: Applier, name: str) -> Extension:
    found = applier.state.find_extension(name)
    assert found is not None
    return found


def rows(uid: int, *data: int) -> ext.ExtRecUpdate:
    return ext.ExtRecUpdate.of(np.array([uid]), np.array([data], np.uint8))


def test_sizes_grow_and_shrink_as_flags_allow(applier: Applier) -> None:
    applier.apply(intro("a"), 2)
    applier.apply(rows(5, 1, 2, 3, 4), 2)
    applier.apply(ext.ExtHdrUpdate(patches=((0, b"abcd"),)), 2)
    applier.apply(intro(ext_id=0, record_size=6, header_size=10, record_align=2), 2)
    found = of(applier, "a")
    assert bytes(found.data) == b"abcd" + bytes(6)
    assert found.rows.values[2].tolist() == [1, 2, 3, 4, 0, 0]
    assert found.record_align == 2
    small = {"record_size": 2, "header_size": 2, "record_align": 1}
    applier.apply(intro("", 0, flags=ext.NO_SHRINK, **small), 2)
    assert (len(found.data), found.record_size, found.record_align) == (10, 6, 2)
    applier.apply(rows(5, 7, 8), 2)
    assert found.rows.values[2].tolist() == [7, 8, 0, 0, 0, 0]
    applier.apply(intro("", 0, **small), 2)
    assert (len(found.data), found.record_size, found.record_align) == (2, 2, 1)


def test_updates_of_another_reset_id_are_ignored(applier: Applier) -> None:
    applier.apply(intro("a"), 2)
    applier.apply(ext.ExtReset(reset_id=4), 2)
    applier.apply(intro("a"), 2)
    applier.apply(rows(1, 1, 1, 1, 1), 2)
    applier.apply(ext.ExtHdrUpdate(patches=((0, b"abcd"),)), 2)
    increments = np.array([(1, 1)], ext.INCREMENT)
    applier.apply(ext.ExtAtomicInc(increments=increments), 2)
    assert not of(applier, "a").rows.values.any()
    assert bytes(of(applier, "a").data) == bytes(4)


def test_a_reset_may_keep_the_data(applier: Applier) -> None:
    applier.apply(intro("a"), 2)
    applier.apply(rows(1, 1, 1, 1, 1), 2)
    applier.apply(ext.ExtReset(reset_id=4, preserve_data=True), 2)
    assert of(applier, "a").numbers("<u4").tolist() == [0x01010101, 0, 0, 0]
    assert of(applier, "a").reset_id == 4


def test_a_removed_keyword_is_a_keyword(applier: Applier) -> None:
    update = msg.KeywordUpdate(modify=msg.REMOVE, name="kw", ranges=as_ranges([1]))
    applier.apply(update, 3)
    assert applier.state.keywords.names == ["kw"]
    assert applier.state.modseqs.tolist() == [3, 2, 2, 2]


def test_an_old_expunge_takes_ranges(applier: Applier) -> None:
    view = applier.state.uids
    applier.apply(msg.Expunge(external=False, ranges=as_ranges([1])), 3)
    assert applier.state.messages == 4
    applier.apply(msg.Expunge(ranges=as_ranges([2, 3, 4, 5, 99])), 3)
    assert applier.state.uids.tolist() == [1, 9]
    assert view.tolist() == [1, 2, 5, 9]


def test_a_reset_of_keywords_where_there_are_none_is_nothing(applier: Applier) -> None:
    applier.apply(msg.KeywordReset(ranges=as_ranges([1])), 3)
    assert applier.state.modseqs.tolist() == [2, 2, 2, 2]


def test_modseqs_start_at_the_highest_that_was_told(applier: Applier) -> None:
    applier.apply(intro("modseq", header_size=16, record_size=8, record_align=8), 5)
    assert not applier.state.modseqs_stored
    data = (7).to_bytes(8, "little") + bytes(8)
    applier.apply(ext.ExtHdrUpdate(patches=((0, data),)), 5)
    assert applier.state.modseqs.tolist() == [7, 7, 7, 7]
    assert applier.state.modseqs_stored


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([msg.Append(messages=np.array([(9, 0, b"")], msg.MESSAGE))], "next_uid 10"),
        ([intro(ext_id=3)], "ext intro id"),
        ([intro("keywords")], "internal"),
        ([intro("modseq")], "modseq record_size"),
        ([intro("a", record_align=9)], "record_align"),
        ([rows(1, 1)], "no introduction"),
        ([ext.ExtReset(reset_id=1)], "no introduction"),
        ([intro("a"), rows(10, 1, 2, 3, 4)], "extension record UID"),
        ([intro("a"), rows(0, 1, 2, 3, 4)], "extension record UID"),
        ([intro("a"), ext.ExtRecUpdate(payload=bytes(10))], "multiple of 8"),
        ([intro("a"), ext.ExtHdrUpdate(patches=((2, b"abc"),))], "at most 4"),
        (
            [intro("a"), ext.ExtAtomicInc(increments=np.array([(1, -1)], ext.INCREMENT))],
            "0 to 4294967295",
        ),
        (
            [
                intro("a", record_size=3, record_align=1),
                ext.ExtAtomicInc(increments=np.array([(1, 1)], ext.INCREMENT)),
            ],
            "1, 2, 4, 8",
        ),
        ([ext.HeaderUpdate(patches=((118, b"abcd"),))], "at most 120"),
    ],
)
def test_records_that_do_not_fit_are_refused(
    applier: Applier, records: list[LogRecord], message: str
) -> None:
    *before, last = records
    for record in before:
        applier.apply(record, 3)
    with pytest.raises(BadRecord, match=message):
        applier.apply(last, 3)
