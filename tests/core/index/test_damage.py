"""Files cut off at every length and with every byte flipped: whole states or IndexCorrupted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from culver.index.engine import MailboxIndex
from culver.index.errors import IndexCorrupted, IndexMissing
from culver.index.settings import IndexSettings
from culver.index.specs import CACHE

SETTINGS = IndexSettings(fsync="never")


def fill(index: MailboxIndex) -> None:
    first = index.begin()
    first.enable_modseqs()
    first.append([8, 0, 4, 1], keywords=["kw", "$Junk"], rows={CACHE: [11, 12, 13, 14]})
    first.commit()
    second = index.begin()
    second.update_flags([1, 2], add=1, remove=8)
    second.expunge([3])
    second.commit()


def columns(index: MailboxIndex) -> Any:
    state = index.state
    names = [state.keyword_names(n) for n in range(state.messages)]
    cache = state.numbers("cache", "<u4").tolist()
    return state.uids.tolist(), state.flags.tolist(), state.modseqs.tolist(), names, cache


def check_whole(index: MailboxIndex) -> None:
    state = index.state
    uids = state.uids
    assert all(len(column.values) == len(uids) for column in state.columns())
    assert (uids[1:] > uids[:-1]).all()
    assert len(uids) == 0 or 0 < uids[0] <= uids[-1] < state.header.next_uid
    columns(index)


def try_open(folder: Path) -> MailboxIndex | None:
    index = MailboxIndex(folder, SETTINGS)
    try:
        index.open()
    except (IndexCorrupted, IndexMissing):
        return None
    check_whole(index)
    return index


def must_open(folder: Path) -> MailboxIndex:
    found = try_open(folder)
    assert found is not None
    return found


@pytest.fixture
def whole_log(index: MailboxIndex, tmp_path: Path) -> Any:
    """dovecot.index in the middle of a log that reaches back to the beginning."""
    fill(index)
    with index.lock():
        index.rewrite()
    last = index.begin()
    last.update_flags([1, 4], add=4)
    last.commit()
    index.close()
    return tmp_path


@pytest.fixture
def rotated(whole_log: Path) -> Any:
    """A log that only makes sense together with dovecot.index."""
    index = MailboxIndex(whole_log, SETTINGS)
    index.open()
    with index.lock():
        index.rotate()
    change = index.begin()
    change.add_keyword("late", [1])
    change.update_flags([1], add=2)
    change.commit()
    index.close()
    return whole_log


def test_a_cut_off_index_is_rebuilt_from_the_whole_log(whole_log: Path) -> None:
    expected = columns(must_open(whole_log))
    path = whole_log / "dovecot.index"
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        found = try_open(whole_log)
        assert found is not None
        assert columns(found) == expected
        found.close()


def test_a_cut_off_index_without_its_log_is_corrupted(rotated: Path) -> None:
    (rotated / "dovecot.index.log.2").unlink()
    path = rotated / "dovecot.index"
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        assert try_open(rotated) is None


@pytest.mark.parametrize("fixture", ["whole_log", "rotated"])
@pytest.mark.parametrize("name", ["dovecot.index", "dovecot.index.log"])
def test_flipped_bits_give_whole_states_or_errors(
    request: pytest.FixtureRequest, fixture: str, name: str
) -> None:
    folder = request.getfixturevalue(fixture)
    path = folder / name
    data = path.read_bytes()
    rng = np.random.default_rng(1)
    for place in range(len(data)):
        broken = bytearray(data)
        broken[place] ^= int(rng.integers(1, 256))
        path.write_bytes(broken)
        found = try_open(folder)
        if found is not None:
            found.close()


@pytest.mark.parametrize("fixture", ["whole_log", "rotated"])
def test_a_cut_off_log_gives_an_earlier_state_or_an_error(
    request: pytest.FixtureRequest, fixture: str
) -> None:
    folder = request.getfixturevalue(fixture)
    path = folder / "dovecot.index.log"
    data = path.read_bytes()
    states = []
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        found = try_open(folder)
        if found is not None:
            states.append((found.state.modseq, found.state.header.next_uid))
            found.close()
    assert states == sorted(states)
    assert len(set(states)) > 1


def test_writing_after_a_torn_write_cuts_it_off(whole_log: Path) -> None:
    path = whole_log / "dovecot.index.log"
    complete = path.read_bytes()
    index = must_open(whole_log)
    for torn in (b"\x80\x80\x80\x90", b"\0\0\0\0\4\0\0\x10abcd", complete[40:60]):
        before = path.read_bytes()
        path.write_bytes(before + torn[:12])
        change = index.begin()
        change.update_flags([4], add=16)
        change.commit()
        assert path.read_bytes().startswith(before)
        fresh = must_open(whole_log)
        assert columns(fresh) == columns(index)


@pytest.mark.parametrize("fixture", ["whole_log", "rotated"])
def test_repair_keeps_what_can_be_read(request: pytest.FixtureRequest, fixture: str) -> None:
    folder = request.getfixturevalue(fixture)
    expected = columns(must_open(folder))
    path = folder / "dovecot.index.log"
    data = bytearray(path.read_bytes())
    data[-20] ^= 0x40
    path.write_bytes(data)
    index = MailboxIndex(folder, SETTINGS)
    index.repair()
    again = try_open(folder)
    assert again is not None
    assert again.state.uids.tolist() == expected[0]
    change = again.begin()
    change.append()
    assert change.commit().uids.tolist() == [5]


def test_repair_counts_what_it_could_not_apply(whole_log: Path) -> None:
    path = whole_log / "dovecot.index.log"
    data = path.read_bytes()
    path.write_bytes(data + bytes.fromhex("80808083 00000030 00000000"))
    assert try_open(whole_log) is None
    index = MailboxIndex(whole_log, SETTINGS)
    assert index.repair() == 1
    assert try_open(whole_log) is not None


@pytest.mark.parametrize("place", [0, 2, 4, 32])
def test_repair_goes_on_from_the_index_file_when_the_log_has_no_header(
    rotated: Path, place: int
) -> None:
    index = must_open(rotated)
    with index.lock():
        index.rewrite()
    expected = columns(index)
    path = rotated / "dovecot.index.log"
    data = bytearray(path.read_bytes())
    data[place] = 0xEE
    path.write_bytes(data)
    assert try_open(rotated) is None
    repaired = MailboxIndex(rotated, SETTINGS)
    assert repaired.repair() == 1
    assert columns(repaired) == expected
    change = repaired.begin()
    change.append()
    assert change.commit().uids.tolist() == [5]
    assert must_open(rotated).state.messages == 4


def test_repair_when_the_log_is_an_older_one(rotated: Path) -> None:
    expected = columns(must_open(rotated))
    index = must_open(rotated)
    with index.lock():
        index.rewrite()
    log = rotated / "dovecot.index.log"
    log.write_bytes((rotated / "dovecot.index.log.2").read_bytes())
    assert columns(must_open(rotated)) != expected
    index = MailboxIndex(rotated, SETTINGS)
    index.repair()
    assert must_open(rotated).state.messages == 3


def test_nothing_to_repair_from(rotated: Path) -> None:
    (rotated / "dovecot.index").unlink()
    (rotated / "dovecot.index.log.2").unlink()
    with pytest.raises(IndexCorrupted, match="when the log is lost"):
        MailboxIndex(rotated, SETTINGS).repair()


def test_errors_name_path_field_value_and_what_is_allowed(rotated: Path) -> None:
    path = rotated / "dovecot.index"
    data = bytearray(path.read_bytes())
    data[0] = 9
    path.write_bytes(data)
    (rotated / "dovecot.index.log.2").unlink()
    with pytest.raises(IndexCorrupted) as caught:
        MailboxIndex(rotated, SETTINGS).open()
    assert caught.value.path == str(path)
    assert caught.value.what == "index major version"
    assert caught.value.found == 9
    assert "allowed is 7" in str(caught.value)
