"""Several processes on one index: nothing is lost, UIDs are given once."""

import multiprocessing
import threading
from pathlib import Path
from typing import Literal

import pytest

from culver.index.engine import MailboxIndex
from culver.index.errors import LockTimeout
from culver.index.settings import IndexSettings
from culver.index.view import View

Method = Literal["fcntl", "flock", "dotlock"]
PROCESSES, ROUNDS = 4, 30


def work(folder: str, method: Method, name: int) -> None:
    settings = IndexSettings(fsync="never", lock_method=method, rotate_max_size=3000)
    index = MailboxIndex(folder, settings)
    index.open_or_create(9)
    for n in range(ROUNDS):
        change = index.begin()
        change.append([name, 0], keywords=[f"p{name}"])
        uids = change.commit().uids
        change = index.begin()
        change.update_flags(uids[:1], add=8)
        change.expunge(uids[1:])
        change.commit()
        if n % 10 == 0:
            with index.lock():
                index.rewrite()


@pytest.mark.parametrize("method", ["fcntl", "flock", "dotlock"])
def test_processes_append_change_and_expunge(tmp_path: Path, method: Method) -> None:
    context = multiprocessing.get_context("fork")
    running = [
        context.Process(target=work, args=(str(tmp_path / "box"), method, n))
        for n in range(PROCESSES)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
        assert process.exitcode == 0

    index = MailboxIndex(tmp_path / "box")
    index.open()
    state = index.state
    assert state.messages == PROCESSES * ROUNDS
    assert state.header.next_uid == PROCESSES * ROUNDS * 2 + 1
    assert state.seen == state.messages
    for n in range(PROCESSES):
        assert int(state.has_keyword(f"p{n}").sum()) == ROUNDS
        assert int((state.flags == n | 8).sum()) == ROUNDS


def test_threads_with_their_own_objects_exclude_each_other(tmp_path: Path) -> None:
    box = str(tmp_path / "box")
    running = [threading.Thread(target=work, args=(box, "fcntl", n)) for n in range(3)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)

    index = MailboxIndex(box)
    index.open()
    assert index.state.messages == 3 * ROUNDS


@pytest.mark.parametrize("method", ["fcntl", "flock", "dotlock"])
def test_waiting_for_a_lock_ends(tmp_path: Path, method: Method) -> None:
    settings = IndexSettings(lock_method=method, lock_timeout=0.0)
    one = MailboxIndex(tmp_path, settings)
    one.create(1)
    two = MailboxIndex(tmp_path, settings)
    two.open()
    with one.lock(), one.lock():
        with pytest.raises(LockTimeout, match=r"dovecot\.index\.log"), two.lock():
            pass
        two.refresh()
    with two.lock():
        pass


def test_the_lock_is_kept_through_a_rotation(tmp_path: Path) -> None:
    settings = IndexSettings(lock_timeout=0.0, fsync="never")
    one, two = MailboxIndex(tmp_path, settings), MailboxIndex(tmp_path, settings)
    one.create(1)
    two.open()
    with one.lock():
        one.rotate()
        two.refresh()
        with pytest.raises(LockTimeout), two.lock():
            pass
    change = two.begin()
    change.append()
    change.commit()
    one.refresh()
    assert View(one).uids.tolist() == [1]
