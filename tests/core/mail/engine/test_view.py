"""Views against a plain model: what a client that applies the changes believes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from culver.mail.changes import Changes
from culver.mail.engine.memory import MemoryIndex
from culver.mail.engine.view import EngineView
from culver.mail.rows import Rows, make_rows
from culver.mail.uids import UidSet


def some_rows(uids: list[int], flags: int = 0) -> Rows:
    n = len(uids)
    return make_rows(uids, [flags] * n, [0] * n, [10] * n)


def index_of(*uids: int) -> MemoryIndex:
    index = MemoryIndex()
    index.append(some_rows(list(uids)), 5)
    return index


def apply(known: list[int], changes: Changes, view: EngineView) -> list[int]:
    """What a client does with the untagged responses."""
    known = list(known)
    for seq in changes.expunged_seqs.tolist()[::-1]:
        del known[seq - 1]
    appeared: list[int] = view.uids.tolist()[len(known) :]
    return known + appeared


def test_appends() -> None:
    index = index_of(1, 2)
    view = EngineView(index, read_only=False)
    index.append(some_rows([3, 7]), 6)
    assert view.is_behind()
    assert len(view) == 2
    changes = view.advance(expunges=True)
    assert (changes.appeared, changes.highest_modseq, list(changes.flags)) == (2, 6, [])
    assert view.uids.tolist() == [1, 2, 3, 7]
    assert not view.is_behind()
    assert not view.advance(expunges=True)


def test_expunges_wait_until_they_may_be_told() -> None:
    index = index_of(1, 2, 3, 4)
    view = EngineView(index, read_only=False)
    index.expunge(UidSet([2, 3]), 9)
    index.append(some_rows([5]), 10)
    changes = view.advance(expunges=False)
    assert (changes.appeared, len(changes.expunged_seqs)) == (1, 0)
    assert view.uids.tolist() == [1, 2, 3, 4, 5]
    assert view.is_behind()
    changes = view.advance(expunges=True)
    assert changes.expunged_seqs.tolist() == [2, 3]
    assert view.uids.tolist() == [1, 4, 5]


def test_what_came_and_went_is_never_told() -> None:
    index = index_of(1)
    view = EngineView(index, read_only=False)
    index.append(some_rows([2]), 6)
    index.expunge(UidSet([2]), 7)
    assert not view.advance(expunges=True)
    index.append(some_rows([3]), 8)
    assert view.advance(expunges=True).appeared == 1


def test_the_author_is_not_told() -> None:
    index = index_of(1, 2)
    mine, other = EngineView(index, read_only=False), EngineView(index, read_only=False)
    assert list(index.update(some_rows([2], flags=8), 9, mine)) == [2]
    assert not mine.is_behind()
    assert list(mine.advance(expunges=True).flags) == []
    assert list(other.advance(expunges=True).flags) == [2]
    assert mine.highest_modseq == other.highest_modseq == 9


def test_recent_goes_with_the_mail() -> None:
    index = index_of(1, 2)
    view = EngineView(index, read_only=False)
    view.recent = UidSet([1, 2])
    index.expunge(UidSet([1]), 9)
    view.advance(expunges=True)
    assert list(view.recent) == [2]


def test_an_update_without_a_difference_is_none() -> None:
    index = index_of(1, 2)
    assert not index.update(some_rows([1, 2, 9]), 9)
    assert (index.highest_modseq, index.position) == (5, 0)


def test_the_log_is_trimmed() -> None:
    index = index_of(1, 2)
    index.update(some_rows([1], flags=1), 6)
    index.update(some_rows([1], flags=2), 7)
    index.trim(1)
    assert (index.position, len(index.log_since(1)), len(index.log_since(2))) == (2, 1, 0)


def test_shared_uids_never_change_under_a_view() -> None:
    index = index_of(*range(1, 40))
    view = EngineView(index, read_only=False)
    before = view.uids.tolist()
    index.append(some_rows(list(range(40, 90))), 6)
    index.expunge(UidSet([1, 5, 41]), 7)
    assert view.uids.tolist() == before


STEPS = st.lists(
    st.tuples(st.sampled_from(["append", "expunge", "flag", "sync", "nosync"]), st.integers(0, 9)),
    max_size=30,
)


@given(STEPS)
def test_against_a_client(steps: list[tuple[str, int]]) -> None:
    index = index_of(1, 2, 3)
    view = EngineView(index, read_only=False)
    known, alive, top = [1, 2, 3], [1, 2, 3], 3
    for step, number in steps:
        if step == "append":
            top += 1 + number
            alive.append(top)
            index.append(some_rows([top]), index.highest_modseq + 1)
        elif step == "expunge" and alive:
            gone = alive.pop(number % len(alive))
            index.expunge(UidSet([gone]), index.highest_modseq + 1)
        elif step == "flag" and alive:
            rows = some_rows([alive[number % len(alive)]], flags=number)
            index.update(rows, index.highest_modseq + 1)
        elif step in ("sync", "nosync"):
            changes = view.advance(expunges=step == "sync")
            known = apply(known, changes, view)
            assert known == view.uids.tolist()
            assert set(changes.flags) <= set(known)
            assert set(alive) <= set(known)
            assert step == "nosync" or known == alive
    view.advance(expunges=True)
    assert view.uids.tolist() == alive == index.uids.tolist()
    assert np.all(np.diff(index.uids.astype(np.int64)) > 0)
