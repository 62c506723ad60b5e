"""A process that dies at any write loses no mail, and nobody else's either."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from culver.mail.changes import FlagChange
from culver.mail.uids import UidSet
from culver_plugins.mbox import change as changing
from culver_plugins.mbox import journal, update
from culver_plugins.mbox.box import MboxBox
from culver_plugins.mbox.link import MboxLink
from culver_plugins.mbox.locks import LockPlan
from culver_plugins.mbox.settings import MboxSettings

FROM = b"From x@y Thu Nov 29 22:33:52 2001\n"
FOREIGN = FROM + b"Subject: foreign\n\nfrom another program\n\n"


class Killed(BaseException):
    """Stands for kill -9: nothing of the process runs after it."""


class DyingOs:
    """``os`` whose n-th change of a file is the last thing that happens."""

    def __init__(self, last: int, *, half: bool) -> None:
        self.left = last
        self.half = half

    def __getattr__(self, name: str) -> object:
        real = getattr(os, name)
        return (
            self._dying(real, name) if name in ("pwrite", "ftruncate", "unlink", "rename") else real
        )

    def _dying(self, real: Callable[..., object], name: str) -> Callable[..., object]:
        def call(*args: object) -> object:
            if self.left:
                self.left -= 1
                return real(*args)
            if self.half and name == "pwrite":
                fd, data, at = args
                assert isinstance(data, (bytes, memoryview))
                real(fd, data[: len(data) // 2], at)
            raise Killed

        return call


def open_box(root: Path) -> MboxBox:
    box = MboxBox(
        ("INBOX",),
        str(root / "inbox"),
        str(root / ".imap" / "INBOX"),
        str(root / ".imap"),
        settings=MboxSettings(),
        plan=LockPlan(),
        sync=True,
    )
    changing.rescan(box)
    return box


def mails(box: MboxBox) -> dict[int, bytes]:
    return {uid: MboxLink(box, uid).read() for uid in box.by_uid}


def fill(root: Path, count: int = 6) -> dict[int, bytes]:
    lines = b"a line of text\n" * 200
    text = b"".join(
        FROM + b"Subject: %d\n\n%d\n%s\n" % (n, n, lines * (n % 3)) for n in range(count)
    )
    (root / "inbox").write_bytes(text)
    return mails(open_box(root))


def expunge(box: MboxBox) -> None:
    changing.remove(box, UidSet([1, 2, 4]))


def expunge_all(box: MboxBox) -> None:
    changing.remove(box, UidSet(range(1, 7)))


def keywords(box: MboxBox) -> None:
    names = tuple(f"a_rather_long_keyword_{n}" for n in range(8))
    changing.write_flags(box, UidSet([2, 3, 5]), FlagChange(mode="add", flags=8, keywords=names))


@pytest.mark.parametrize("half", [False, True], ids=["between writes", "within a write"])
@pytest.mark.parametrize("foreign", [b"", FOREIGN], ids=["", "somebody appends"])
@pytest.mark.parametrize(
    ("work", "gone"), [(expunge, {1, 2, 4}), (expunge_all, {1, 2, 3, 4, 5, 6}), (keywords, set())]
)
def test_killed_at_every_write(
    work: Callable[[MboxBox], None],
    gone: set[int],
    foreign: bytes,
    half: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal, "_CHUNK", 3000)
    for number in range(200):
        root = tmp_path / str(number)
        root.mkdir()
        before = fill(root)
        box = open_box(root)
        with monkeypatch.context() as patch:
            dying = DyingOs(number, half=half)
            patch.setattr(journal, "os", dying)
            patch.setattr(update, "os", dying)
            try:
                work(box)
            except Killed:
                pass
            else:
                assert number > 4
                return
        with open(root / "inbox", "ab") as file:
            file.write(foreign)
        after = mails(open_box(root))
        if foreign:
            assert after.pop(max(after)) == b"Subject: foreign\n\nfrom another program\n"
        missing = before.keys() - after.keys()
        assert missing in (set(), gone), number
        assert all(before[uid] == after[uid] for uid in after), number
        assert not journal.exists(str(root / ".imap" / "INBOX"))
    raise AssertionError("it never came to an end")


def test_a_journal_that_does_not_fit_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody rewrote the whole file after the crash: his is the truth, ours is kept beside."""
    fill(tmp_path)
    box = open_box(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(journal, "os", DyingOs(3, half=False))
        with pytest.raises(Killed):
            expunge(box)
    (tmp_path / "new").write_bytes(FOREIGN * 2)
    (tmp_path / "new").rename(tmp_path / "inbox")
    assert (
        list(mails(open_box(tmp_path)).values())
        == [b"Subject: foreign\n\nfrom another program\n"] * 2
    )
    left = [p.name for p in (tmp_path / ".imap" / "INBOX").iterdir()]
    assert len(left) == 1
    assert left[0].endswith(".unused")


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path)
    box = open_box(tmp_path)
    before = (tmp_path / "inbox").read_bytes()

    def full(fd: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal, "write_all", full)
    with pytest.raises(OSError, match="No space"):
        expunge(box)
    assert (tmp_path / "inbox").read_bytes() == before
    assert not list((tmp_path / ".imap" / "INBOX").iterdir())


def test_a_disk_that_fills_up_while_the_mailbox_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    box = open_box(tmp_path)
    before = (tmp_path / "inbox").read_bytes()
    real = os.pwrite

    def full(fd: int, data: bytes, at: int) -> int:
        if at >= len(before):
            raise OSError(28, "No space left on device")
        return real(fd, data, at)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space"):
        keywords(box)
    assert (tmp_path / "inbox").read_bytes() == before
    assert not list((tmp_path / ".imap" / "INBOX").iterdir())
    monkeypatch.undo()
    keywords(box)
    assert open_box(tmp_path).by_uid[5].keywords == 0xFF


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_a_truncated_journal_is_not_believed(at: int, tmp_path: Path) -> None:
    before = fill(tmp_path)
    (tmp_path / ".imap" / "INBOX").mkdir(parents=True, exist_ok=True)
    (tmp_path / ".imap" / "INBOX" / journal.NAME).write_bytes(b"CULVMBX1" + b"\xff" * at)
    assert mails(open_box(tmp_path)) == before
