"""Dotlocks."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from culver.errors import Unavailable
from culver.mail.dotlock import dotlock


def test_held_and_let_go(tmp_path: Path) -> None:
    path = tmp_path / "list"
    with dotlock(str(path)):
        text = (tmp_path / "list.lock").read_text()
        assert text == f"{os.getpid()}:{socket.gethostname()}"
    assert list(tmp_path.iterdir()) == []


def test_waits_and_gives_up(tmp_path: Path) -> None:
    slept: list[float] = []
    with (
        dotlock(str(tmp_path / "x")),
        pytest.raises(Unavailable, match=r"x\.lock: not released within 0 s"),
        dotlock(str(tmp_path / "x"), timeout=0, sleep=slept.append),
    ):
        raise AssertionError("got a lock that is held")
    assert slept == []


def test_gets_it_when_it_is_let_go(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text("1:elsewhere")
    with dotlock(str(tmp_path / "x"), sleep=lambda _: lock.unlink()):
        assert lock.exists()


def test_a_dead_owner_is_overridden_at_once(tmp_path: Path) -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    (tmp_path / "x.lock").write_text(f"{pid}:{socket.gethostname()}")
    with dotlock(str(tmp_path / "x"), timeout=0):
        assert (tmp_path / "x.lock").read_text().startswith(f"{os.getpid()}:")


def test_an_old_lock_of_another_host_is_overridden(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text("1:elsewhere")
    time.time()
    with pytest.raises(Unavailable), dotlock(str(tmp_path / "x"), timeout=0):
        raise AssertionError("a fresh lock was overridden")
    with dotlock(str(tmp_path / "x"), timeout=0, stale=0):
        assert lock.read_text().startswith(f"{os.getpid()}:")


def test_a_lock_that_was_overridden_is_left_alone(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    with dotlock(str(tmp_path / "x")):
        other = tmp_path / "other"
        other.write_text("2:elsewhere")
        os.rename(other, lock)
    assert lock.read_text() == "2:elsewhere"
