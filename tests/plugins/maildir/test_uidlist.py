"""dovecot-uidlist."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.maildir.uidlist import Damaged, Uidlist

_GUID = "0123456789abcdef" * 2
_TEXT = f"3 V17 N4 G{_GUID} Xrest\n1 :a\n2 S5 W6 Gguid :b,S=5,W=6\n3 P1 :c\n"


def read(directory: Path, text: str | bytes) -> Uidlist:
    data = text.encode() if isinstance(text, str) else text
    (directory / "dovecot-uidlist").write_bytes(data)
    uidlist = Uidlist(str(directory))
    uidlist.read()
    return uidlist


def test_version_3(tmp_path: Path) -> None:
    found = read(tmp_path, _TEXT)
    assert (found.uid_validity, found.next_uid, found.guid) == (17, 4, _GUID)
    assert found.uids == {"a": 1, "b,S=5,W=6": 2, "c": 3}
    assert (found.field(2, "G"), found.field(2, "W"), found.field(3, "P")) == ("guid", "6", "1")
    assert found.field(1, "G") == ""
    assert not found.must_rewrite


def test_version_1(tmp_path: Path) -> None:
    found = read(tmp_path, "1 17 4\n1 a\n3 c\n")
    assert (found.uid_validity, found.next_uid) == (17, 4)
    assert found.uids == {"a": 1, "c": 3}
    found.rewrite(found.uids, mode=0o600, gid=-1, sync=False)
    lines = (tmp_path / "dovecot-uidlist").read_text().split("\n")
    assert lines[0].startswith("3 V17 N4 G")
    assert lines[1:] == ["1 :a", "3 :c", ""]


def test_a_rewrite_keeps_what_it_does_not_know(tmp_path: Path) -> None:
    found = read(tmp_path, _TEXT)
    found.rewrite(["a", "b,S=5,W=6", "gone"], mode=0o640, gid=-1, sync=True)
    path = tmp_path / "dovecot-uidlist"
    assert path.read_text() == f"3 V17 N4 G{_GUID} Xrest\n1 :a\n2 S5 W6 Gguid :b,S=5,W=6\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert not found.read()


@pytest.mark.parametrize("cut", range(len(_TEXT)))
def test_every_split(tmp_path: Path, cut: int) -> None:
    """A list that is being written: complete lines count, the rest comes later."""
    path = tmp_path / "dovecot-uidlist"
    path.write_text(_TEXT[:cut])
    uidlist = Uidlist(str(tmp_path))
    if "\n" not in _TEXT[:cut]:
        with pytest.raises(Damaged, match="expected 3 V<n>"):
            uidlist.read()
        return
    uidlist.read()
    assert len(uidlist.uids) == _TEXT[:cut].count("\n") - 1
    with path.open("a") as file:
        file.write(_TEXT[cut:])
    uidlist.read()
    assert list(uidlist.uids.values()) == [1, 2, 3]
    assert uidlist.next_uid == 4


@pytest.mark.parametrize(
    ("line", "uids"),
    [
        ("x :b", {"a": 1, "c": 5}),
        ("1 :b", {"a": 1, "c": 5}),
        ("0 :b", {"a": 1, "c": 5}),
        ("4294967295 :b", {"a": 1, "c": 5}),
        ("99999999999999999999 :b", {"a": 1, "c": 5}),
        ("2 :b/c", {"a": 1, "c": 5}),
        ("2 :", {"a": 1, "c": 5}),
        ("2 g5 :b", {"a": 1, "c": 5}),
        ("4 :a", {"a": 4, "c": 5}),
    ],
)
def test_damaged_lines_are_dropped(tmp_path: Path, line: str, uids: dict[str, int]) -> None:
    found = read(tmp_path, f"3 V1 N2 G{_GUID}\n1 :a\n{line}\n5 :c\n")
    assert found.uids == uids
    assert found.next_uid == 6
    assert found.must_rewrite is (line != "4 :a")


@pytest.mark.parametrize("header", ["", "2 V1 N1", "3 V0 N1", "3 N1", "3 Vx N1", "1 1", "garbage"])
def test_damaged_headers(tmp_path: Path, header: str) -> None:
    with pytest.raises(Damaged, match="header"):
        read(tmp_path, f"{header}\n1 :a\n")


def test_append_is_read_by_others_without_reading_all(tmp_path: Path) -> None:
    mine, theirs = read(tmp_path, _TEXT), read(tmp_path, _TEXT)
    mine.read()
    assert mine.assign(["d", "e"], ["Gx", ""]) == [4, 5]
    mine.append(["d", "e"], [4, 5], sync=True)
    assert not mine.read()
    assert theirs.read()
    assert theirs.uids["e"] == 5
    assert theirs.field(4, "G") == "x"


def test_half_a_line_of_a_dead_writer_is_cut_off(tmp_path: Path) -> None:
    mine = read(tmp_path, _TEXT + "4 :un")
    mine.append(["d"], mine.assign(["d"]), sync=False)
    assert (tmp_path / "dovecot-uidlist").read_text() == _TEXT + "4 :d\n"


def test_a_new_file_with_the_same_inode_is_seen(tmp_path: Path) -> None:
    mine = read(tmp_path, _TEXT)
    path = tmp_path / "dovecot-uidlist"
    with path.open("r+b") as file:
        file.truncate(0)
        file.write(
            f"3 V18 N9 G{_GUID}\n5 :other-and-longer\n6 :x\n7 :y\n8 :z\n".encode() + b"9 :q\n" * 20
        )
    assert os.stat(path).st_size > len(_TEXT)
    assert mine.read()
    assert mine.uid_validity == 18
    assert "a" not in mine.uids


def test_wants_rewrite_when_much_is_dead(tmp_path: Path) -> None:
    found = read(tmp_path, _TEXT)
    assert not found.wants_rewrite(0)
    found.assign([f"n{n}" for n in range(200)])
    assert found.wants_rewrite(100)
    assert not found.wants_rewrite(180)


@given(st.binary(max_size=200))
def test_garbage(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    directory = tmp_path_factory.mktemp("garbage")
    try:
        found = read(directory, b"3 V1 N1 G\n" + data)
    except Damaged:
        return
    assert all(0 < uid < found.next_uid for uid in found.uids.values())
