"""UIDVALIDITY values grow, survive a lost hint, and are given once."""

import threading
from pathlib import Path

import pytest

from culver.index.uidvalidity import next_uid_validity


def clock() -> float:
    return 0x60000000


def test_values_grow_and_the_files_say_so(tmp_path: Path) -> None:
    values = [next_uid_validity(tmp_path, clock) for _ in range(3)]
    assert values == [0x60000000, 0x60000001, 0x60000002]
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == ["dovecot-uidvalidity", "dovecot-uidvalidity.60000002"]
    assert (tmp_path / "dovecot-uidvalidity").read_text() == "60000002"


@pytest.mark.parametrize("content", [None, "", "xyz", "00000000", "12345678"])
def test_a_wrong_hint_is_not_believed(tmp_path: Path, content: str | None) -> None:
    first = next_uid_validity(tmp_path, clock)
    hint = tmp_path / "dovecot-uidvalidity"
    hint.unlink() if content is None else hint.write_text(content)
    assert next_uid_validity(tmp_path, clock) == first + 1


def test_the_largest_of_several_files_counts(tmp_path: Path) -> None:
    for name in ("60000005", "60000009", "nonsense"):
        (tmp_path / f"dovecot-uidvalidity.{name}").touch()
    assert next_uid_validity(tmp_path, clock) == 0x6000000A


def test_after_the_last_value_comes_one(tmp_path: Path) -> None:
    (tmp_path / "dovecot-uidvalidity.ffffffff").touch()
    assert next_uid_validity(tmp_path, clock) == 1


def test_threads_get_different_values(tmp_path: Path) -> None:
    found: list[int] = []
    running = [
        threading.Thread(target=lambda: found.append(next_uid_validity(tmp_path, clock)))
        for _ in range(4)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert len(set(found)) == 4
