"""Mailboxes on the disk, in both layouts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from culver.errors import Refused
from culver.mail.location import parse_location
from culver.mail.storage import INBOX, ListedBox
from culver_plugins.maildir.layout import MaildirList
from culver_plugins.maildir.names import Names


def listed(root: Path, options: str = "", *, stat_dirs: bool = False) -> MaildirList:
    location = parse_location(f"maildir:{root}{options}", None)
    return MaildirList(location, stat_dirs=stat_dirs, sync=False)


@pytest.mark.parametrize(
    ("options", "path", "directory"),
    [
        ("", ("INBOX",), ""),
        ("", ("a", "b"), ".a.b"),
        ("", ("INBOX", "b"), ".INBOX.b"),
        ("", ("Öl",), ".&ANY-l"),
        (":UTF-8", ("Öl",), ".Öl"),
        (":LAYOUT=fs", ("a", "b"), "a/b"),
        (":LAYOUT=fs", ("a.b",), "a.b"),
        (":LAYOUT=fs:FULLDIRNAME=_", ("a",), "a/_"),
        (":BROKENCHAR=+", ("a+2eb",), None),
        (":LAYOUT=fs:BROKENCHAR=+", ("a+ff",), "aÿ"),
    ],
)
def test_names(options: str, path: tuple[str, ...], directory: str | None) -> None:
    names = Names(parse_location(f"maildir:/m{options}", None))
    if directory is None:
        with pytest.raises(Refused):
            names.directory(path)
        return
    assert names.directory(path) == directory


@pytest.mark.parametrize(
    "path",
    [
        ("",),
        (".",),
        ("..",),
        ("a/b",),
        ("a.b",),
        ("a", ""),
        ("a\nb",),
        ("~x",),
        ("x" * 250,),
        ("x",) * 200,
    ],
)
def test_bad_names(path: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as caught:
        Names(parse_location("maildir:/m", None)).directory(path)
    assert caught.value.code == "CANNOT"


@pytest.mark.parametrize(
    "name", ["cur", "new", "tmp", "dovecot-uidlist", ".hidden", "subscriptions"]
)
def test_names_that_fs_needs_itself(name: str) -> None:
    with pytest.raises(Refused):
        Names(parse_location("maildir:/m:LAYOUT=fs", None)).directory(("a", name))


@pytest.mark.parametrize("options", ["", ":LAYOUT=fs"])
async def test_create_walk_rename_delete(tmp_path: Path, options: str) -> None:
    boxes = listed(tmp_path / "mail", options)
    assert list(await boxes.walk()) == []
    for path in (INBOX, ("a",), ("a", "b"), ("c", "d", "e")):
        await boxes.create(path)
    found = {box.path for box in await boxes.walk() if box.selectable}
    assert found == {INBOX, ("a",), ("a", "b"), ("c", "d", "e")}
    with pytest.raises(Refused, match="exists"):
        await boxes.create(("a",))
    await boxes.rename(("c",), ("f",))
    assert await boxes.exists(("f", "d", "e"))
    with pytest.raises(Refused, match="exists"):
        await boxes.rename(("f",), ("a",))
    await boxes.delete(("a",))
    assert await boxes.exists(("a", "b"))
    assert not await boxes.exists(("a",))
    await boxes.delete(("a", "b"))
    assert ".DOVECOT-TRASHED" not in str(os.listdir(tmp_path / "mail"))


async def test_fs_shows_directories_without_mail(tmp_path: Path) -> None:
    boxes = listed(tmp_path / "mail", ":LAYOUT=fs")
    await boxes.create(("a", "b"))
    await boxes.create(("d",), directory=True)
    assert set(await boxes.walk()) == {
        ListedBox(("a",), selectable=False),
        ListedBox(("a", "b")),
        ListedBox(("d",), selectable=False),
    }
    with pytest.raises(Refused, match="children"):
        await boxes.delete(("a",))


async def test_what_is_listed_in_a_maildir(tmp_path: Path) -> None:
    for name in ("cur", ".a", ".b/cur", "..trash", ".x..y", "plain", ".&bad", ".INBOX"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".file").write_bytes(b"")
    assert {box.path for box in await listed(tmp_path).walk()} == {INBOX, ("a",), ("b",), ("&bad",)}
    some = {box.path for box in await listed(tmp_path, stat_dirs=True).walk()}
    assert some == {INBOX, ("b",)}
    (tmp_path / ".&bad" / "cur").mkdir()
    assert await listed(tmp_path).exists(("&bad",))


async def test_new_directories_get_the_modes_of_the_root(tmp_path: Path) -> None:
    root = tmp_path / "mail"
    root.mkdir()
    root.chmod(0o2770)
    await listed(root).create(("a",))
    assert (root / ".a" / "cur").stat().st_mode & 0o777 == 0o770
    assert (root / ".a" / "maildirfolder").exists()


async def test_control_files_lie_elsewhere(tmp_path: Path) -> None:
    boxes = listed(tmp_path / "mail", f":CONTROL={tmp_path}/control")
    await boxes.create(("a",))
    assert boxes.control(("a",)) == f"{tmp_path}/control/.a"
    await boxes.rename(("a",), ("b",))
    assert (tmp_path / "control" / ".b").is_dir()
    await boxes.delete(("b",))
    assert os.listdir(tmp_path / "control") == []
