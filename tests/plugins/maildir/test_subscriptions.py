"""The subscriptions file."""

from __future__ import annotations

from pathlib import Path

import pytest

from culver_plugins.maildir.subscriptions import read_subscriptions, write_subscription

Names = list[tuple[str, ...]]

TABLE: list[tuple[str, Names]] = [
    ("", []),
    ("V\t2\n\n", []),
    ("V\t2\n\na\nb\tc\n", [("a",), ("b", "c")]),
    ("V\t2\n\na\x01tb\tc\x01nd\x01re\x010f\x011\n", [("a\tb", "c\nd\re\0f\1")]),
    ("a\nb.c\n", [("a",), ("b", "c")]),
    ("INBOX", [("INBOX",)]),
]


@pytest.mark.parametrize(("text", "names"), TABLE)
def test_read(tmp_path: Path, text: str, names: Names) -> None:
    path = tmp_path / "subscriptions"
    path.write_text(text, newline="\n")
    assert read_subscriptions(str(path), ".") == names


def test_no_file(tmp_path: Path) -> None:
    assert read_subscriptions(str(tmp_path / "none"), ".") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "V\t2\n\nx\ty\x01tz\n"),
        ("V\t2\n\nb\na\n", "V\t2\n\nb\na\nx\ty\x01tz\n"),
        ("b\n", "b\nx.y\tz\n"),
    ],
)
def test_add_and_remove(tmp_path: Path, before: str | None, after: str) -> None:
    path = tmp_path / "subscriptions"
    if before is not None:
        path.write_text(before)
    name = ("x", "y\tz")
    assert write_subscription(str(path), ".", name, True, sync=True)
    assert path.read_text() == after
    assert not write_subscription(str(path), ".", name, True, sync=True)
    assert write_subscription(str(path), ".", name, False, sync=False)
    assert path.read_text() == ("V\t2\n\n" if before is None else before)
    assert [entry.name for entry in tmp_path.iterdir()] == ["subscriptions"]
