"""Names, files and directories of an mbox store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from culver.errors import Refused
from culver.mail.location import MailLocation
from culver.mail.storage import INBOX
from culver_plugins.mbox.format import MboxFormat
from culver_plugins.mbox.layout import MboxList


def layout(root: Path, **options: str) -> MboxList:
    location = MailLocation(driver="mbox", path=str(root), options=options)
    return MboxList(location, sync=False)


async def selectable(boxes: MboxList) -> dict[tuple[str, ...], bool]:
    return {box.path: box.selectable for box in await boxes.walk()}


async def test_files_are_mailboxes_and_directories_hold_them(tmp_path: Path) -> None:
    boxes = layout(tmp_path)
    for path in (INBOX, ("a",), ("b", "c"), ("Ä",)):
        await boxes.create(path)
    for name in (".imap", ".subscriptions", "a.lock", "dovecot-uidvalidity", ".hidden"):
        (tmp_path / name).touch()
    assert await selectable(boxes) == {
        INBOX: True,
        ("a",): True,
        ("b",): False,
        ("b", "c"): True,
        ("Ä",): True,
    }
    assert (tmp_path / "&AMQ-").is_file()


async def test_inbox_elsewhere(tmp_path: Path) -> None:
    spool = tmp_path / "spool" / "alice"
    boxes = layout(tmp_path / "mail", INBOX=str(spool))
    await boxes.create(INBOX)
    await boxes.create(("inbox",))
    assert spool.is_file()
    assert await selectable(boxes) == {INBOX: True, ("inbox",): True}
    assert boxes.names.control(INBOX) == str(tmp_path / "mail" / ".imap" / "INBOX")


async def test_a_file_holds_no_mailboxes(tmp_path: Path) -> None:
    boxes = layout(tmp_path)
    await boxes.create(("a",))
    with pytest.raises(Refused, match="inferior") as error:
        await boxes.create(("a", "b"))
    assert error.value.code == "CANNOT"
    await boxes.create(("d", "e"))
    with pytest.raises(Refused) as error:
        await boxes.create(("d",))
    assert error.value.code == "ALREADYEXISTS"


@pytest.mark.parametrize(
    "part",
    ["", ".", "..", ".imap", "~x", "a/b", "a\nb", "a\0b", "a.lock", "dovecot.index", "x" * 300],
)
async def test_names_that_cannot_be(tmp_path: Path, part: str) -> None:
    with pytest.raises(Refused, match="Invalid mailbox name") as error:
        await layout(tmp_path).create((part,))
    assert error.value.code == "CANNOT"


@pytest.mark.parametrize("index", ["", "index"])
async def test_a_deletion_spares_the_children(tmp_path: Path, index: str) -> None:
    """Also where their files and the index of the deleted one are in the same directory."""
    options = {"INDEX": str(tmp_path / index)} if index else {}
    boxes = layout(tmp_path / "mail", DIRNAME="mbox", **options)
    await boxes.create(("a",))
    await boxes.create(("a", "b"))
    beside = Path(boxes.names.index(("a",)))
    os.makedirs(beside, exist_ok=True)
    (beside / "dovecot.index.log").touch()
    await boxes.delete(("a",))
    assert await selectable(boxes) == {("a",): False, ("a", "b"): True}
    assert not (beside / "dovecot.index.log").exists()
    with pytest.raises(Refused, match="children"):
        await boxes.delete(("a",))
    await boxes.delete(("a", "b"))
    assert await selectable(boxes) == {("a",): False}
    await boxes.delete(("a",))
    assert await selectable(boxes) == {}


async def test_what_is_not_there(tmp_path: Path) -> None:
    boxes = layout(tmp_path)
    await boxes.create(("a",))
    for work in (boxes.delete(("x",)), boxes.rename(("x",), ("y",))):
        with pytest.raises(Refused) as error:
            await work
        assert error.value.code == "NONEXISTENT"
    with pytest.raises(Refused) as error:
        await boxes.rename(("a",), ("a", "b"))
    assert error.value.code == "CANNOT"
    with pytest.raises(Refused) as error:
        await boxes.delete(INBOX)
    assert error.value.code == "CANNOT"


@pytest.mark.parametrize("name", [".imap/x", "inbox", "mbox"])
def test_a_store_is_detected(tmp_path: Path, name: str) -> None:
    assert not MboxFormat.detect(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert MboxFormat.detect(tmp_path)
