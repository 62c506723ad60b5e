"""Faults strike what they name, and nothing else."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from culver.testing.faults import Operation, failing


def test_by_descriptor(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "a", os.O_CREAT | os.O_WRONLY)
    with failing("write", errno.ENOSPC, path="*/a") as fault:
        with pytest.raises(OSError, match="No space left") as caught:
            os.write(fd, b"x")
        assert caught.value.errno == errno.ENOSPC
    assert fault.hits == 1
    assert os.write(fd, b"x") == 1
    os.close(fd)


def test_others_are_spared(tmp_path: Path) -> None:
    with failing("rename", errno.EXDEV, path="*/b") as fault:
        (tmp_path / "x").touch()
        os.rename(tmp_path / "x", tmp_path / "y")
        with pytest.raises(OSError, match="cross-device"):
            os.rename(tmp_path / "y", tmp_path / "b")
    assert fault.hits == 1


def test_after_and_times(tmp_path: Path) -> None:
    outcomes: list[bool] = []
    with failing("mkdir", errno.EDQUOT, after=1, times=2):
        for name in "abcd":
            try:
                os.mkdir(tmp_path / name)
                outcomes.append(True)
            except OSError:
                outcomes.append(False)
    assert outcomes == [True, False, False, True]


def test_temporary_files() -> None:
    with failing("tempfile", errno.EMFILE), pytest.raises(OSError, match="Too many"):
        tempfile.TemporaryFile()  # noqa: SIM115 - it isn't made


def test_what_can_not_fail() -> None:
    wrong: Operation = "nothing"  # type: ignore[assignment]
    with pytest.raises(ValueError, match="'nothing' can't be made to fail; allowed: open, write"):
        failing(wrong, errno.EIO).__enter__()


def test_a_closed_descriptor_has_no_path() -> None:
    with failing("fsync", errno.EIO, path="/*"), pytest.raises(OSError, match="Bad file"):
        os.fsync(999_999)
