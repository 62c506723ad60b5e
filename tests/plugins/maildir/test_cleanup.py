"""What deliveries that died left in tmp/, and UIDVALIDITY."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from culver_plugins.maildir.cleanup import clean_tmp
from culver_plugins.maildir.uidvalidity import next_uid_validity


@pytest.mark.parametrize(
    ("later", "interval", "removed"),
    [(37 * 3600, 3600, 1), (35 * 3600, 3600, 0), (37 * 3600, 0, 0)],
)
def test_old_files_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: int, interval: int, removed: int
) -> None:
    (tmp_path / "left").write_bytes(b"")
    now = os.stat(tmp_path / "left").st_ctime
    monkeypatch.setattr(time, "time", lambda: now + later)
    assert clean_tmp(str(tmp_path), interval) == removed
    assert clean_tmp(str(tmp_path), interval) == 0


def test_uid_validities_ascend(tmp_path: Path) -> None:
    found = [next_uid_validity(str(tmp_path)) for _ in range(3)]
    assert found == [found[0], found[0] + 1, found[0] + 2]
    assert (tmp_path / "dovecot-uidvalidity").read_text() == f"{found[2]:08x}"
    assert sorted(os.listdir(tmp_path)) == [
        "dovecot-uidvalidity",
        f"dovecot-uidvalidity.{found[2]:08x}",
    ]


def test_the_highest_of_several_counts(tmp_path: Path) -> None:
    for value in (5, 9):
        (tmp_path / f"dovecot-uidvalidity.{value:08x}").touch()
    assert next_uid_validity(str(tmp_path)) == 10
