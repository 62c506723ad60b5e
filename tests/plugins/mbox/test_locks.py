"""The locks other mail programs take keep us out, and ours keep them out."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from culver.config.settings import Duration
from culver.errors import Refused, Unavailable
from culver_plugins.mbox.locks import LockPlan, lock_plan, locked
from culver_plugins.mbox.settings import MboxSettings


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    path = tmp_path / "inbox"
    path.write_bytes(b"")
    return path


def is_free(path: Path, method: str, kind: str) -> bool:
    """Whether another process gets a lock."""
    code = f"import fcntl; f = open({str(path)!r}, 'r+'); fcntl.{method}(f, fcntl.{kind} | 4)"
    return subprocess.run([sys.executable, "-c", code], stderr=-3, check=False).returncode == 0


@pytest.mark.parametrize(
    ("methods", "free"),
    [
        (("fcntl",), (False, True, True)),
        (("lockf",), (False, True, True)),
        (("flock",), (True, False, True)),
        (("dotlock",), (True, True, False)),
        (("dotlock_try", "flock", "fcntl"), (False, False, False)),
    ],
)
def test_write_locks_keep_others_out(
    inbox: Path, methods: tuple[str, ...], free: tuple[bool, bool, bool]
) -> None:
    with locked(str(inbox), LockPlan((), methods), write=True):
        found = (
            is_free(inbox, "lockf", "LOCK_SH"),
            is_free(inbox, "flock", "LOCK_SH"),
            not inbox.with_name("inbox.lock").exists(),
        )
    assert found == free
    assert not inbox.with_name("inbox.lock").exists()
    assert is_free(inbox, "lockf", "LOCK_EX")
    assert is_free(inbox, "flock", "LOCK_EX")


def test_readers_share(inbox: Path) -> None:
    with locked(str(inbox), LockPlan(), write=False), locked(str(inbox), LockPlan(), write=False):
        assert is_free(inbox, "lockf", "LOCK_SH")
        assert not is_free(inbox, "lockf", "LOCK_EX")


def test_closing_the_file_elsewhere_in_the_process_keeps_the_lock(inbox: Path) -> None:
    """POSIX locks would be gone."""
    with locked(str(inbox), LockPlan(), write=True):
        inbox.read_bytes()
        assert not is_free(inbox, "lockf", "LOCK_SH")


@pytest.mark.parametrize("method", ["fcntl", "flock", "dotlock"])
def test_who_waits_too_long_is_told(inbox: Path, method: str) -> None:
    pauses: list[float] = []
    plan = LockPlan((method,), (method,), timeout=0.0)
    with (
        locked(str(inbox), plan, write=True),
        pytest.raises(Unavailable, match="not released") as error,
        locked(str(inbox), plan, write=True, sleep=pauses.append),
    ):
        pass
    assert error.value.code == "INUSE"


def test_a_lock_that_is_let_go_is_got(inbox: Path) -> None:
    with open(inbox, "r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        def sleep(_: float) -> None:
            fcntl.flock(other, fcntl.LOCK_UN)

        with locked(str(inbox), LockPlan((), ("flock",)), write=True, sleep=sleep) as fd:
            assert os.fstat(fd).st_ino == inbox.stat().st_ino


def test_the_file_is_the_one_at_the_path(inbox: Path) -> None:
    """Somebody replaced it by rename while we waited for the old one's lock."""
    with open(inbox, "r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        def sleep(_: float) -> None:
            new = inbox.with_name("new")
            new.write_bytes(b"new")
            new.rename(inbox)
            fcntl.flock(other, fcntl.LOCK_UN)

        with locked(str(inbox), LockPlan((), ("flock",)), write=True, sleep=sleep) as fd:
            assert os.pread(fd, 3, 0) == b"new"


def test_no_file(tmp_path: Path) -> None:
    path = str(tmp_path / "none")
    with pytest.raises(Refused) as error, locked(path, LockPlan(), write=False):
        pass
    assert error.value.public == "Mailbox doesn't exist"
    assert error.value.code == "NONEXISTENT"


@pytest.mark.parametrize("method", ["dotlock", "dotlock_try"])
def test_a_directory_that_cannot_be_written(
    inbox: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(path: str, flags: int, *more: int) -> int:
        if ".lock" in path:
            raise PermissionError(13, "Permission denied", path)
        return real(path, flags, *more)

    monkeypatch.setattr(os, "open", refuse)
    plan = LockPlan((), (method, "fcntl"))
    if method == "dotlock_try":
        with locked(str(inbox), plan, write=True) as fd:
            assert fd > 0
        return
    with pytest.raises(PermissionError), locked(str(inbox), plan, write=True):
        pass


def test_the_plan_of_the_settings() -> None:
    settings = MboxSettings(
        read_locks="flock", write_locks="Dotlock flock fcntl", lock_timeout=Duration(5)
    )

    assert lock_plan(settings) == LockPlan(("flock",), ("dotlock", "flock", "fcntl"), 5.0, 120.0)


@pytest.mark.parametrize(
    ("read", "write", "message"),
    [
        ("fcntl", "fcnlt", "'fcnlt' is no lock; allowed: dotlock, dotlock_try, fcntl"),
        ("fcntl", "fcntl fcntl", "'fcntl' is there twice"),
        ("fcntl", "dotlock", "must contain mbox_read_locks"),
        ("fcntl flock", "flock fcntl", "in the same order"),
    ],
)
def test_settings_that_cannot_be(read: str, write: str, message: str) -> None:
    with pytest.raises(Unavailable, match=message) as error:
        lock_plan(MboxSettings(read_locks=read, write_locks=write))
    assert error.value.code == "CONTACTADMIN"
