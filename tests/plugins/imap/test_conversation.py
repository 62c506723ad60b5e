"""Threads by references: the traps of RFC 5256's algorithm, as trees of UIDs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.imap.conversation import Node, Row, link, message_ids, references
from culver_plugins.imap.conversation_subjects import by_references, by_refs
from culver_plugins.imap.threading import by_subject
from culver_plugins.imap.wire import responses


def row(
    uid: int, name: str = "", refs: str = "", subject: str = "", *, date: int = 0, re: bool = False
) -> Row:
    """A message whose ids are single letters; the date is the UID unless told."""
    return Row(
        uid=uid,
        date=date or uid,
        message_id=name.encode() or None,
        references=tuple(letter.encode() for letter in refs),
        subject=subject,
        is_reply=re,
    )


def text(roots: list[Node]) -> str:
    return responses.threads(roots).decode().removeprefix("* THREAD").strip()


REFERENCES: list[tuple[str, list[Row], str]] = [
    ("nothing", [], ""),
    ("no ids at all", [row(1), row(2)], "(1)(2)"),
    ("a chain", [row(1, "a"), row(2, "b", "a"), row(3, "c", "ab")], "(1 2 3)"),
    ("answers before the question", [row(1, "b", "a"), row(2, "a")], "(2 1)"),
    ("siblings by date", [row(1, "a"), row(2, "b", "a", date=9), row(3, "c", "a")], "(1 (3)(2))"),
    ("a missing parent of one", [row(1, "b", "a")], "(1)"),
    ("a missing parent of two", [row(1, "b", "a"), row(2, "c", "a")], "((1)(2))"),
    ("a missing link", [row(1, "a"), row(2, "c", "ab")], "(1 2)"),
    ("a loop of two", [row(1, "a", "b"), row(2, "b", "a")], "(2 1)"),
    ("a loop with itself", [row(1, "a", "a")], "(1)"),
    ("one id twice", [row(1, "a"), row(2, "a"), row(3, "b", "a")], "(1 3)(2)"),
    ("the same subject", [row(1, "a", "", "s"), row(2, "b", "", "s")], "((1)(2))"),
    ("a reply by subject", [row(1, "a", "", "s"), row(2, "b", "", "s", re=True)], "(1 2)"),
    ("a reply that is older", [row(1, "a", "", "s", re=True), row(2, "b", "", "s")], "(2 1)"),
    ("empty subjects stay apart", [row(1, "a"), row(2, "b")], "(1)(2)"),
    ("threads by date", [row(1, "a", date=5), row(2, "b", date=4)], "(2)(1)"),
    ("dummies of one subject",
     [row(1, "b", "a", "s"), row(2, "c", "a", "s"), row(3, "e", "d", "s"), row(4, "f", "d", "s")],
     "((1)(2)(3)(4))"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "told"), [(r, t) for _, r, t in REFERENCES],
                         ids=[name for name, _, _ in REFERENCES])  # fmt: skip
def test_references(rows: list[Row], told: str) -> None:
    assert text(by_references(link(rows))) == told


def test_refs_puts_the_thread_with_the_youngest_message_last() -> None:
    rows = [row(1, "a"), row(2, "b", "", "s"), row(3, "c", "a"), row(4, "d", "", "s", date=2)]

    assert text(by_refs(link(rows))) == "(2)(4)(1 3)"


def test_ordered_subject() -> None:
    rows = [row(1, subject="x", date=5), row(2, subject="y"), row(3, subject="x", date=1)]

    assert text(by_subject(rows)) == "(3 1)(2)"


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (b"", ()),
        (b"<a@b>", (b"a@b",)),
        (b"<a@b>\n <c@d>", (b"a@b", b"c@d")),
        (b"junk <a @ b> x", (b"a@b",)),
        (b"<no-at> <a@b", ()),
    ],
)
def test_message_ids(value: bytes, ids: tuple[bytes, ...]) -> None:
    assert message_ids(value) == ids


def test_in_reply_to_counts_only_without_references() -> None:
    assert references(b"<a@b>", b"<c@d>") == (b"a@b",)
    assert references(b"", b"<c@d> <e@f>") == (b"c@d",)


ROWS = st.lists(
    st.tuples(st.sampled_from("abcde "), st.text("abcdef", max_size=4), st.sampled_from(["", "s"])),
    max_size=12,
)


@given(ROWS, st.booleans())
def test_every_message_is_told_once(drawn: list[tuple[str, str, str]], whole: bool) -> None:
    rows = [
        row(uid, name.strip(), refs, subject, re=uid % 2 == 0)
        for uid, (name, refs, subject) in enumerate(drawn, 1)
    ]
    told = text((by_references if whole else by_refs)(link(rows)))
    numbers = sorted(map(int, told.replace("(", " ").replace(")", " ").split()))

    assert numbers == list(range(1, len(rows) + 1))
