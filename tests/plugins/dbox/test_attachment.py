"""Attachments kept apart are put back where they were."""

from __future__ import annotations

import base64

import pytest

from culver_plugins.dbox.attachment import ExtRef, join_attachments, parse_ext_refs
from culver_plugins.dbox.errors import DboxCorrupted


@pytest.mark.parametrize(
    ("value", "refs"),
    [
        ("10 20 - ab/cd/x", (ExtRef(10, 20, 0, False, "ab/cd/x"),)),
        ("10 20 B76 x", (ExtRef(10, 20, 76, False, "x"),)),
        ("10 20 CB76 x 30 5 - y", (ExtRef(10, 20, 76, True, "x"), ExtRef(30, 5, 0, False, "y"))),
    ],
)
def test_refs_are_read(value: str, refs: tuple[ExtRef, ...]) -> None:
    assert parse_ext_refs(value) == refs


@pytest.mark.parametrize(
    "value",
    ["", "1 2 -", "x 2 - p", "1 -2 - p", "1 2 Q p", "10 20 - a 29 5 - b", "1 2 - ../../etc/passwd"],
)
def test_refs_that_are_none(value: str) -> None:
    with pytest.raises(DboxCorrupted):
        parse_ext_refs(value)


def test_a_mail_is_whole_again() -> None:
    data = bytes(range(100))
    text = base64.encodebytes(data).replace(b"\n", b"\r\n")
    mail = b"head\r\n" + text + b"middle" + b"plain" + b"end"
    stored = b"head\r\nmiddleend"
    place = mail.index(b"plain")
    refs = parse_ext_refs(f"6 {len(text)} CB76 one {place} 5 - two")
    files = {"one": data, "two": b"plain"}
    assert join_attachments(stored, refs, files.__getitem__) == mail


def test_an_attachment_that_is_too_short() -> None:
    with pytest.raises(DboxCorrupted, match="attachment of 3 bytes"):
        join_attachments(b"ab", parse_ext_refs("1 5 - p"), lambda _: b"xyz")
