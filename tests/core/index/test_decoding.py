"""Every record type in both directions, and what each refuses."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.index import boxrecords as box
from culver.index import extrecords as ext
from culver.index import msgrecords as msg
from culver.index.decoding import BY_TYPE, decode_record
from culver.index.errors import BadRecord
from culver.index.logrecord import EXTERNAL, SYNC, LogRecord, as_ranges
from culver.index.modseq import advance

INTRO = ext.Introduction(ext.NEW, 7, 16, 8, 8, ext.NO_SHRINK, "modseq")
RANGES = as_ranges([1, 2, 3, 9])

# record, its payload as it stands in a log, and by how much it raises the modseq
TABLE = [
    (
        msg.Append(messages=np.array([(1, 8, b""), (5, 0, b"")], msg.MESSAGE)),
        "01000000 08000000 05000000 00000000",
        1,
    ),
    (msg.Expunge(ranges=RANGES), "01000000 03000000 09000000 09000000", 1),
    (
        msg.ExpungeGuid(messages=np.array([(2, b"\xab" * 16)], msg.GUID)),
        "02000000 abababab abababab abababab abababab",
        1,
    ),
    (
        msg.FlagUpdate(updates=np.array([(1, 4, 8, 1, 0, 0)], msg.FLAGS)),
        "01000000 04000000 08010000",
        1,
    ),
    (
        msg.FlagUpdate(updates=np.array([(1, 4, 0x80, 0x40, 0, 0)], msg.FLAGS)),
        "01000000 04000000 80400000",
        0,
    ),
    (
        msg.FlagUpdate(updates=np.array([(1, 4, 0, 0, 1, 0)], msg.FLAGS)),
        "01000000 04000000 00000100",
        1,
    ),
    (
        msg.KeywordUpdate(modify=msg.REMOVE, name="$Junk", ranges=as_ranges([7])),
        "01000500 244a756e 6b000000 07000000 07000000",
        1,
    ),
    (msg.KeywordReset(ranges=as_ranges([7])), "07000000 07000000", 1),
    (
        msg.ModseqUpdate(updates=np.array([(3, 1, 1)], msg.MODSEQ)),
        "03000000 01000000 01000000",
        0x1_0000_0001 - 10,
    ),
    (ext.HeaderUpdate(patches=((24, b"abcd"),)), "18000400 61626364", 0),
    (
        ext.ExtIntro(intros=(INTRO,)),
        "ffffffff 07000000 10000000 0800 0800 0100 0600 6d6f64736571 0000",
        0,
    ),
    (ext.ExtReset(reset_id=9, preserve_data=True), "09000000 01000000", 0),
    (ext.ExtHdrUpdate(patches=((2, b"abc"), (8, b"d"))), "02000300 61626300 08000100 64000000", 0),
    (ext.ExtHdrUpdate32(patches=((65536, b"abcd"),)), "00000100 04000000 61626364", 0),
    (ext.ExtRecUpdate.of(np.array([3]), np.array([[1, 2]], np.uint8)), "03000000 01020000", 0),
    (
        ext.ExtAtomicInc(increments=np.array([(3, -1)], ext.INCREMENT)),
        "03000000 ffffffff",
        0,
    ),
    (box.Boundary(size=96), "60000000", 0),
    (box.IndexDeleted(), "00000000", 0),
    (box.IndexUndeleted(), "00000000", 0),
    (
        box.AttributeUpdate(
            attributes=(box.Attribute("a", True, 5, 3), box.Attribute("bc", False, 6, None))
        ),
        "2b706100 2d736263 00000000 05000000 03000000 06000000",
        1,
    ),
]


@pytest.mark.parametrize(("record", "payload", "raised"), TABLE)
def test_records_in_both_directions(record: LogRecord, payload: str, raised: int) -> None:
    raw = bytes.fromhex(payload)

    assert record.encode() == raw
    found = decode_record(record.kind(), raw)
    assert type(found) is type(record)
    assert found.encode() == raw
    assert found.external
    assert not found.sync
    assert advance(10, record.kind(), raw, 0x103) == 10 + raised


def test_every_type_is_in_the_table() -> None:
    assert {type(record) for record, _, _ in TABLE} == set(BY_TYPE.values())


def test_flags_of_the_type_word_are_kept() -> None:
    asked = box.IndexDeleted(external=False, sync=True)
    found = decode_record(asked.kind(), asked.encode())
    assert (found.external, found.sync) == (False, True)
    assert asked.kind() & EXTERNAL == 0
    assert asked.kind() & SYNC


def test_a_request_to_expunge_does_not_raise_the_modseq() -> None:
    asked = msg.ExpungeGuid(external=False, messages=np.zeros(1, msg.GUID))
    assert advance(10, asked.kind(), asked.encode(), 0x103) == 10


def test_before_version_1_3_internal_flags_raise_the_modseq() -> None:
    payload = struct.pack("<IIBBBB", 1, 4, 0x80, 0, 0, 0)
    assert advance(10, 0x4, payload, 0x102) == 11


def test_counting_starts_with_the_modseq_extension() -> None:
    intro = ext.ExtIntro(intros=(INTRO,))
    assert advance(0, intro.kind(), intro.encode(), 0x103) == 1
    assert advance(0, 0x2, bytes(8), 0x103) == 0


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (0x1, "0100000001000000"),  # an expunge without its protection
        (0x2000, "00" * 20),
        (0x2, "00000000"),
        (0x2, "0500000000000000 0500000000000000"),
        (0x2, "0000000000000000"),
        (0x4, "02000000 01000000 08000000"),
        (0x4, "00000000 01000000 08000000"),
        (0x4, "01000000 05000000 08000000 05000000 06000000 08000000"),
        (0xCD91, "01000000"),
        (0xEF90 | 0xCD90, "00000000" + "00" * 16),
        (0x400, "00000000 01000000 01000000"),
        (0x400, "00000400 61626364"),
        (0x400, "0000ff00 61626364"),
        (0x400, "07000100 61000000 01000000 01000000"),
        (0x40, "ffffffff"),
        (0x40, "ffffffff 07000000 10000000 0800 0800 0100 0006 6d6f64736571 0000"),
        (0x80, "0000"),
        (0x100, "0000ff00 61"),
        (0x8000, "0000"),
        (0x80000, "00"),
        (0x100000, "2b706100"),
        (0x100000, "2a706100 00000000"),
        (0x100000, "2b706100 00000000"),
        (0x8, "00000000"),
        (0x20, ""),
    ],
)
def test_broken_records_are_refused(kind: int, payload: str) -> None:
    with pytest.raises(BadRecord):
        decode_record(kind, bytes.fromhex(payload))


@given(st.sampled_from(sorted(BY_TYPE)), st.binary(max_size=64))
def test_garbage_gives_a_record_or_bad_record(kind: int, payload: bytes) -> None:
    try:
        found = decode_record(kind, payload)
    except BadRecord:
        return
    assert kind == found.TYPE
    advance(1, kind, payload, 0x103)


@given(st.sets(st.integers(1, 200), max_size=50))
def test_ranges_hold_the_same_uids(uids: set[int]) -> None:
    ranges = as_ranges(sorted(uids))
    held = {uid for a, b in ranges.tolist() for uid in range(a, b + 1)}
    assert held == uids
    assert all(b < a for (_, b), (a, _) in zip(ranges.tolist(), ranges[1:].tolist(), strict=False))
