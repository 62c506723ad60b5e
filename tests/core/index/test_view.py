"""Sequence numbers of one session, step by step."""

import numpy as np
import pytest

from culver.index.engine import MailboxIndex
from culver.index.mailflags import SEEN
from culver.index.view import View


@pytest.fixture
def view(index: MailboxIndex) -> View:
    change = index.begin()
    change.append([0] * 6, uids=[2, 3, 5, 7, 11, 13])
    change.commit()
    return View(index)


def expunge(index: MailboxIndex, *uids: int) -> None:
    change = index.begin()
    change.expunge(uids)
    change.commit()


def test_numbers_and_uids(view: View) -> None:
    assert len(view) == 6
    assert view.uids_of([1, 6]).tolist() == [2, 13]
    assert view.seqs_of([1, 2, 6, 7, 13, 99]).tolist() == [1, 4, 6]
    assert view.within(3, 11).tolist() == [3, 5, 7, 11]
    assert view.within(12, 0xFFFFFFFF).tolist() == [13]
    assert view.within(14, 20).tolist() == []


def test_sequence_numbers_of_expunges_count_those_told_before(
    index: MailboxIndex, view: View
) -> None:
    expunge(index, 3, 5, 11)
    assert view.uids_of([2]).tolist() == [3]
    changes = view.sync()
    assert changes.expunged.tolist() == [3, 5, 11]
    assert changes.expunged_seqs.tolist() == [2, 2, 3]
    assert view.uids.tolist() == [2, 7, 13]
    assert not view.sync()


def test_expunges_wait_while_they_are_not_allowed(index: MailboxIndex, view: View) -> None:
    expunge(index, 2)
    change = index.begin()
    change.append(SEEN)
    change.update_flags([3], add=SEEN)
    change.commit()
    changes = view.sync(allow_expunges=False)
    assert bool(changes)
    assert changes.expunged.tolist() == []
    assert changes.appeared.tolist() == [14]
    assert changes.changed.tolist() == [3]
    assert view.uids.tolist() == [2, 3, 5, 7, 11, 13, 14]
    assert not view.is_current
    assert not view.sync(allow_expunges=False)
    assert view.sync().expunged.tolist() == [2]
    assert view.is_current


def test_a_message_that_came_and_went_is_never_told(index: MailboxIndex, view: View) -> None:
    change = index.begin()
    change.append(0)
    change.commit()
    expunge(index, 14)
    changes = view.sync()
    assert not changes
    assert changes.modseq == index.state.modseq


def test_all_may_go(index: MailboxIndex, view: View) -> None:
    expunge(index, 2, 3, 5, 7, 11, 13)
    assert view.sync().expunged_seqs.tolist() == [1] * 6
    assert len(view) == 0
    assert view.seqs_of([2]).tolist() == []


def test_views_share_the_uids(index: MailboxIndex, view: View) -> None:
    assert np.shares_memory(view.uids, View(index).uids)
