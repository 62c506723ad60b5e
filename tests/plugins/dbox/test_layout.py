"""The tree of mailboxes: what may be a name, and what is where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from culver.errors import Refused
from culver.index.mailboxlog import CREATE_DIR, DELETE_MAILBOX, RENAME, SUBSCRIBE, read_events
from culver.mail.location import parse_location
from culver.mail.storage import INBOX, MailboxPath
from culver_plugins.dbox.layout import DboxList
from culver_plugins.dbox.names import Names


class Files:
    """Makes no index."""

    def __init__(self) -> None:
        self.emptied: list[MailboxPath] = []

    def create_index(self, path: MailboxPath) -> bytes:
        return bytes(16)

    def empty(self, path: MailboxPath) -> bytes:
        self.emptied.append(path)
        return b"g" * 16


def listed(root: Path, options: str = "") -> tuple[DboxList, Files]:
    root.mkdir(exist_ok=True)
    files = Files()
    location = parse_location(f"sdbox:{root}{options.replace('{root}', str(root.parent))}", None)
    return DboxList(location, files, sync=False), files


@pytest.mark.parametrize(
    ("path", "options", "directory"),
    [
        (INBOX, "", "mailboxes/INBOX/dbox-Mails"),
        (("a", "b"), "", "mailboxes/a/b/dbox-Mails"),
        (("Öl & Gas",), "", "mailboxes/&ANY-l &- Gas/dbox-Mails"),
        (("Öl & Gas",), ":UTF-8", "mailboxes/Öl & Gas/dbox-Mails"),
        (("a",), ":DIRNAME=mails", "mailboxes/a/mails"),
        (("a",), ":MAILBOXDIR=", "a/dbox-Mails"),
        (("subscriptions",), "", "mailboxes/subscriptions/dbox-Mails"),
        (("x.y",), "", "mailboxes/x.y/dbox-Mails"),
    ],
)
def test_directories(path: MailboxPath, options: str, directory: str, tmp_path: Path) -> None:
    boxes, _ = listed(tmp_path / "mail", options)
    assert boxes.directory(path) == f"{tmp_path}/mail/{directory}"


@pytest.mark.parametrize(
    "part", ["", ".", "..", "a/b", "a\0b", "a\nb", "dbox-Mails", "~x", "x" * 300]
)
def test_names_that_are_none(part: str, tmp_path: Path) -> None:
    names = Names(parse_location(f"sdbox:{tmp_path}", None))
    with pytest.raises(Refused):
        names.spell(("fine", part))


def test_a_broken_name_is_shown_and_found_again(tmp_path: Path) -> None:
    names = Names(parse_location(f"sdbox:{tmp_path}:BROKENCHAR=%", None))
    shown = names.read("a&b")
    assert shown == "a%26b"
    assert names.spell((shown,)) == "a&b"
    with pytest.raises(Refused, match="bad escape"):
        names.spell(("a%zz",))


async def test_create_and_delete(tmp_path: Path) -> None:
    boxes, files = listed(tmp_path / "mail")
    await boxes.create(("a",))
    await boxes.create(("a", "b"))
    await boxes.create(("c",), directory=True)
    with pytest.raises(Refused, match="already exists"):
        await boxes.create(("a",))
    assert {(box.path, box.selectable) for box in await boxes.walk()} == {
        (("a",), True),
        (("a", "b"), True),
        (("c",), False),
    }
    await boxes.delete(("a",))
    assert files.emptied == [("a",)]
    assert not await boxes.exists(("a",))
    with pytest.raises(Refused, match="children"):
        await boxes.delete(("a",))
    await boxes.delete(("a", "b"))
    await boxes.delete(("a",))
    await boxes.delete(("c",))
    assert await boxes.walk() == []
    with pytest.raises(Refused, match="doesn't exist"):
        await boxes.delete(("c",))
    with pytest.raises(Refused, match="INBOX"):
        await boxes.delete(INBOX)


def fill(boxes: DboxList, path: MailboxPath) -> None:
    alt = boxes.alt(path)
    assert alt is not None
    for directory, name in ((boxes.index(path), "dovecot.index"), (alt, "u.1")):
        os.makedirs(directory, exist_ok=True)
        Path(directory, name).touch()


async def test_other_trees_go_along(tmp_path: Path) -> None:
    options = ":INDEX={root}/index:ALT={root}/alt:CONTROL={root}/control"
    boxes, _ = listed(tmp_path / "mail", options)
    for path in (("a",), ("a", "b")):
        await boxes.create(path)
        fill(boxes, path)
    await boxes.rename(("a",), ("x", "y"))
    assert (tmp_path / "index/mailboxes/x/y/b/dovecot.index").exists()
    assert (tmp_path / "alt/mailboxes/x/y/b/dbox-Mails/u.1").exists()
    await boxes.delete(("x", "y"))
    assert not (tmp_path / "index/mailboxes/x/y/dovecot.index").exists()
    assert not (tmp_path / "alt/mailboxes/x/y/dbox-Mails").exists()
    assert (tmp_path / "index/mailboxes/x/y/b/dovecot.index").exists()
    assert (tmp_path / "alt/mailboxes/x/y/b/dbox-Mails/u.1").exists()


async def test_renames_that_are_refused(tmp_path: Path) -> None:
    boxes, _ = listed(tmp_path / "mail")
    await boxes.create(("a",))
    await boxes.create(("b",))
    for old, new in ((("a",), ("b",)), (("a",), ("a", "c")), (("none",), ("c",))):
        with pytest.raises(Refused):
            await boxes.rename(old, new)


async def test_what_is_told_to_replicas(tmp_path: Path) -> None:
    boxes, _ = listed(tmp_path / "mail")
    await boxes.create(("a",))
    await boxes.create(("d",), directory=True)
    await boxes.subscribe(("a",), True)
    await boxes.subscribe(("a",), True)
    await boxes.rename(("a",), ("b",))
    await boxes.delete(("b",))
    events = list(read_events(str(tmp_path / "mail/dovecot.mailbox.log")))
    assert [event.type for event in events] == [CREATE_DIR, SUBSCRIBE, RENAME, DELETE_MAILBOX]
    assert events[-1].guid == b"g" * 16


def test_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="LAYOUT=index"):
        listed(tmp_path / "mail", ":LAYOUT=index")
