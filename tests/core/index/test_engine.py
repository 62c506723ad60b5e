"""Opening, creating, rotating, rewriting, requests, and the other corners of the engine."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from culver.index.boxrecords import Attribute
from culver.index.days import day_patches
from culver.index.engine import MailboxIndex
from culver.index.errors import BadRecord, IndexMissing, LockTimeout
from culver.index.extension import Extension
from culver.index.header import BaseHeader
from culver.index.logrecord import RANGE
from culver.index.mailflags import DELETED, DIRTY, SEEN
from culver.index.msgrecords import ExpungeGuid, FlagUpdate
from culver.index.settings import IndexSettings
from culver.index.specs import CACHE, HDR_VSIZE, ExtensionSpec
from culver.index.state import IndexState
from culver.index.view import View

QUICK = IndexSettings(fsync="never")
REFS = ExtensionSpec("ref", 0, 2, 2)


def extension_of(state: IndexState, name: str) -> Extension:
    found = state.find_extension(name)
    assert found is not None
    return found


def again(index: MailboxIndex) -> MailboxIndex:
    """Return the same index as another process would open it."""
    found = MailboxIndex(os.path.dirname(index.path), index.settings)
    found.open()
    return found


def append(index: MailboxIndex, *flags: int) -> Any:
    change = index.begin()
    change.append(list(flags))
    return change.commit()


def test_nothing_there(tmp_path: Path) -> None:
    index = MailboxIndex(tmp_path)
    with pytest.raises(IndexMissing):
        index.open()
    with pytest.raises(IndexMissing, match="not open"):
        _ = index.state


def test_create_is_open_when_it_exists(index: MailboxIndex) -> None:
    append(index, 0)
    other = MailboxIndex(os.path.dirname(index.path), QUICK)
    other.create(99)
    assert other.state.header.uid_validity == 77
    assert other.state.uids.tolist() == [1]


def test_a_removed_index_is_noticed(index: MailboxIndex) -> None:
    os.unlink(f"{index.path}.log")
    with pytest.raises(IndexMissing, match="removed"):
        index.refresh()


def test_a_lost_log_is_made_anew_from_the_index_file(index: MailboxIndex) -> None:
    append(index, SEEN, 0)
    with index.lock():
        index.rewrite()
    os.unlink(f"{index.path}.log")
    other = MailboxIndex(os.path.dirname(index.path), QUICK)
    with pytest.raises(IndexMissing):
        other.open()
    other.create(99)
    assert other.state.header.uid_validity == 77
    assert other.state.flags.tolist() == [SEEN, 0]
    assert append(other, 0).uids.tolist() == [3]


def test_recreate_starts_over_and_views_learn_it(index: MailboxIndex) -> None:
    append(index, 0, 0)
    view = View(index)
    other = again(index)
    other.recreate(78, next_uid=10, modseq=500)
    assert append(other, 0).uids.tolist() == [10]

    index.refresh()
    changes = view.sync()
    assert changes.reset
    assert changes.expunged.tolist() == [1, 2]
    assert changes.expunged_seqs.tolist() == [1, 1]
    assert view.uids.tolist() == [10]
    assert index.state.modseq > 500
    assert index.state.header.uid_validity == 78


def test_uids_may_be_given_but_not_twice(index: MailboxIndex) -> None:
    change = index.begin()
    new = change.append([0, 0], uids=[5, 9])
    last = change.append(SEEN)
    assert change.commit().uids.tolist() == [5, 9, 10]
    assert new.uids is not None
    assert new.uids.tolist() == [5, 9]
    assert last.uids is not None
    assert last.uids.tolist() == [10]
    change = index.begin()
    change.append(0, uids=10)
    size = os.stat(f"{index.path}.log").st_size
    with pytest.raises(BadRecord, match="at least 11"):
        change.commit()
    assert os.stat(f"{index.path}.log").st_size == size


def test_an_empty_transaction_writes_nothing(index: MailboxIndex) -> None:
    append(index, 0)
    size = os.stat(f"{index.path}.log").st_size
    change = index.begin()
    change.update_flags([], add=SEEN)
    change.expunge([])
    change.expunge([44])
    change.add_keyword("kw", [])
    change.reset_keywords([])
    change.raise_modseqs([], 1)
    change.note_attributes([])
    assert change.commit().modseq == index.state.modseq
    assert os.stat(f"{index.path}.log").st_size == size


def test_requests_wait_until_they_are_marked_as_done(index: MailboxIndex) -> None:
    append(index, 0, 0, 0)
    ask = index.begin(external=False)
    ask.update_flags([1], add=SEEN)
    ask.expunge([3], [b"g" * 16])
    ask.commit()

    other = again(index)
    assert [type(r) for r in other.requests] == [FlagUpdate, ExpungeGuid]
    asked = other.requests[1]
    assert isinstance(asked, ExpungeGuid)
    assert asked.messages["guid"][0].tobytes() == b"g" * 16
    assert other.state.flags.tolist() == [SEEN, 0, 0]
    done = other.begin()
    done.expunge([3])
    done.mark_synced()
    done.commit()
    assert other.requests == []
    assert other.state.uids.tolist() == [1, 2]
    index.refresh()
    assert index.requests == []
    assert again(index).requests == []


def test_requests_survive_an_index_file_and_hold_back_rotation(tmp_path: Path) -> None:
    settings = IndexSettings(fsync="never", rotate_max_size=200, rewrite_max=10)
    index = MailboxIndex(tmp_path, settings)
    index.create(1)
    append(index, 0)
    seq = index.state.header.log_file_seq
    ask = index.begin(external=False)
    ask.update_flags([1], add=SEEN)
    ask.commit()
    for _ in range(10):
        append(index, 0)
    assert index.state.header.log_file_seq == seq
    assert len(again(index).requests) == 1
    done = index.begin()
    done.mark_synced()
    done.commit()
    assert index.state.header.log_file_seq == seq + 1
    assert again(index).state.messages == 11


def test_rotation_by_size_and_age(tmp_path: Path) -> None:
    now = [1_700_000_000.0]
    settings = IndexSettings(
        fsync="never", rotate_min_size=100, rotate_max_size=1000, rotate_min_age=60
    )
    index = MailboxIndex(tmp_path, settings, clock=lambda: now[0])
    index.create(1)
    append(index, *[0] * 10)
    assert not os.path.exists(f"{index.path}.log.2")
    now[0] += 61
    append(index, 0)
    assert os.path.exists(f"{index.path}.log.2")
    seq = index.state.header.log_file_seq
    append(index, *[0] * 200)
    assert index.state.header.log_file_seq == seq + 1
    now[0] += 3 * 24 * 3600 + 1e9
    later = MailboxIndex(tmp_path, settings, clock=lambda: now[0])
    later.open()
    with later.lock():
        pass
    assert not os.path.exists(f"{index.path}.log.2")
    assert later.state.messages == 211


def test_the_index_file_is_written_when_the_log_is_long(tmp_path: Path) -> None:
    index = MailboxIndex(tmp_path, IndexSettings(fsync="never", rewrite_max=2000, rewrite_min=500))
    index.create(1)
    append(index, *[0] * 20)
    assert not os.path.exists(index.path)
    append(index, *[0] * 60)
    first = os.stat(index.path).st_ino
    append(index, *[0] * 100)
    assert os.stat(index.path).st_ino == first
    # Whoever had to read more than rewrite_min writes the file for those that come after.
    reader = again(index)
    append(reader, 0)
    assert os.stat(index.path).st_ino != first
    assert again(index).state.messages == 181


def test_a_backup_is_kept_when_asked(tmp_path: Path) -> None:
    index = MailboxIndex(tmp_path, IndexSettings(keep_backup=True, fsync="always"))
    index.create(1)
    append(index, 0)
    with index.lock():
        index.rewrite()
        index.rewrite()
    assert os.path.exists(f"{index.path}.backup")


def test_extensions(index: MailboxIndex) -> None:
    append(index, 0, 0, 0)
    change = index.begin()
    change.set_extension_header(HDR_VSIZE, b"\1\2\3", offset=14)
    change.set_rows(REFS, [1, 3], [7, 9])
    change.commit()
    change = index.begin()
    change.increment(REFS, [1, 2], 3)
    change.introduce(CACHE)
    change.commit()
    for found in (index, again(index)):
        state = found.state
        assert state.numbers("ref", "<u2").tolist() == [10, 3, 9]
        assert bytes(extension_of(state, "hdr-vsize").data) == bytes(14) + b"\1\2\3"
        assert state.numbers("nothing", "<u4").tolist() == [0, 0, 0]
        with pytest.raises(BadRecord, match="record_size"):
            state.numbers("ref", "<u4")

    change = index.begin()
    change.reset_extension(REFS, 5)
    change.commit()
    assert index.state.numbers("ref", "<u2").tolist() == [0, 0, 0]
    change = index.begin()
    change.set_rows(REFS, [1], [1], reset_id=4)
    change.set_rows(REFS, [2], [2], reset_id=5)
    change.commit()
    assert index.state.numbers("ref", "<u2").tolist() == [0, 2, 0]
    with index.lock():
        index.rewrite()
    assert again(index).state.numbers("ref", "<u2").tolist() == [0, 2, 0]


def test_rows_have_the_size_of_the_extension() -> None:
    change = MailboxIndex("/").begin()
    with pytest.raises(ValueError, match="allowed are 2"):
        change.set_rows(REFS, [1], np.zeros((1, 3), np.uint8))
    with pytest.raises(ValueError, match="without NUL"):
        change.add_keyword("", [1])


def test_many_ranges_at_once(index: MailboxIndex) -> None:
    append(index, *[0] * 100)
    odd = np.arange(1, 101, 2)
    change = index.begin()
    change.update_flags(odd, add=SEEN)
    change.add_keyword("odd", odd)
    change.commit()
    state = again(index).state
    assert state.uids[state.flags & SEEN != 0].tolist() == odd.tolist()
    assert state.uids[state.has_keyword("odd")].tolist() == odd.tolist()
    change = index.begin()
    change.reset_keywords(odd[:20])
    change.remove_keyword("odd", odd[20:30])
    change.expunge(odd[40:])
    change.expunge(np.arange(2, 101, 2))
    change.commit()
    state = again(index).state
    assert state.uids.tolist() == odd[:40].tolist()
    assert state.uids[state.has_keyword("odd")].tolist() == odd[30:40].tolist()


def test_counts_and_low_waters(index: MailboxIndex) -> None:
    assert index.state.first_uid(SEEN, False) == 1
    append(index, SEEN, SEEN | DIRTY, 0, DELETED)
    assert (index.state.seen, index.state.deleted) == (2, 1)
    assert index.state.first_uid(SEEN, False) == 3
    with index.lock():
        index.rewrite()
    with open(index.path, "rb") as f:
        header = BaseHeader.decode(f.read())
    assert header.messages_count == 4
    assert header.seen_messages_count == 2
    assert header.first_unseen_uid_lowwater == 3
    assert header.first_deleted_uid_lowwater == 4
    assert header.flags == 2


def test_modseqs_may_be_raised_from_outside(index: MailboxIndex) -> None:
    append(index, 0, 0)
    change = index.begin()
    change.enable_modseqs()
    change.raise_modseqs([2, 7], [900, 901])
    change.raise_modseqs(0, 1 << 33)
    change.commit()
    assert again(index).state.modseq == 1 << 33
    assert again(index).state.modseqs.tolist() == [2, 900]
    change = index.begin()
    change.update_flag_ranges(np.array([(1, 9)], RANGE), raise_modseq=True)
    change.enable_modseqs()
    assert change.commit().modseq == (1 << 33) + 1
    assert again(index).state.modseqs.tolist() == [(1 << 33) + 1] * 2


def test_deletion_marks_and_attributes(index: MailboxIndex) -> None:
    change = index.begin()
    change.note_attributes([Attribute("comment", False, 5, 3)])
    change.mark_deleted()
    change.commit()
    assert again(index).deleted
    change = index.begin()
    change.mark_undeleted()
    change.commit()
    assert not again(index).deleted


def test_a_full_disk_leaves_the_log_as_it_was(
    index: MailboxIndex, monkeypatch: pytest.MonkeyPatch
) -> Any:
    append(index, 0)
    path = f"{index.path}.log"
    with open(path, "rb") as f:
        before = f.read()
    write = os.write

    def full(fd: int, data: bytes) -> Any:
        if len(data) < 20:
            raise OSError(28, "No space left on device")
        return write(fd, data[:10])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        append(index, *[0] * 3)
    monkeypatch.undo()
    with open(path, "rb") as f:
        assert f.read() == before
    assert append(index, 0).uids.tolist() == [2]


SMALL = IndexSettings(fsync="never", rotate_max_size=100)


def test_whoever_died_preparing_a_log_does_not_stop_others(tmp_path: Path) -> None:
    index = MailboxIndex(tmp_path, SMALL)
    index.create(1)
    lock = tmp_path / "dovecot.index.log.newlock"
    lock.touch()
    seq = index.state.header.log_file_seq
    assert append(index, *[0] * 20).uids[-1] == 20
    assert index.state.header.log_file_seq == seq
    with index.lock(), pytest.raises(LockTimeout, match="newlock"):
        index.rotate()
    os.utime(lock, (0, 0))
    append(index, 0)
    append(index, 0)
    assert index.state.header.log_file_seq == seq + 1
    assert again(index).state.messages == 22


def test_whoever_died_while_rotating_left_a_whole_index(index: MailboxIndex) -> None:
    append(index, SEEN, 0)
    with index.lock():
        index.rewrite()
    append(index, 0)
    with open(index.path, "rb") as f:
        before = f.read()
    with index.lock():
        index.rotate()
    append(index, 0)
    # The log was replaced, dovecot.index not yet.
    with open(index.path, "wb") as f:
        f.write(before)
    assert again(index).state.uids.tolist() == [1, 2, 3, 4]
    # The old log had its second name, the new one did not have its name yet.
    os.unlink(f"{index.path}.log")
    os.link(f"{index.path}.log.2", f"{index.path}.log")
    found = again(index)
    assert found.state.uids.tolist() == [1, 2, 3]
    assert append(found, 0).uids.tolist() == [4]


def test_a_commit_stands_even_if_the_index_file_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = MailboxIndex(tmp_path, IndexSettings(fsync="never", rewrite_min=0))
    index.create(1)

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("culver.index.engine.write_index", full)
    assert append(index, 0).uids.tolist() == [1]
    monkeypatch.undo()
    assert again(index).state.uids.tolist() == [1]


DAY = 24 * 3600
NOON = 1_700_050_000.0


def days(stamp: int, first: tuple[int, ...], now: float) -> Any:
    header = BaseHeader(day_stamp=stamp, day_first_uid=first)
    patches = dict(day_patches(header, now, 50))
    for offset, data in patches.items():
        header = header.patched(offset, data)
    return header.day_first_uid


def test_first_uids_of_days_move_on() -> None:
    stamp = int.from_bytes(dict(day_patches(BaseHeader(), NOON, 1))[84], "little")
    old = (40, 30, 20, 10, 5, 4, 3, 2)
    assert stamp <= NOON < stamp + DAY + 3600
    assert days(stamp, old, NOON) == old
    assert days(stamp, old, NOON + DAY) == (50, 40, 30, 20, 10, 5, 4, 3)
    assert days(stamp, old, NOON + 3 * DAY) == (50, 40, 40, 40, 30, 20, 10, 5)
    assert days(stamp, old, NOON + 30 * DAY) == (50, 40, 40, 40, 40, 40, 40, 40)
