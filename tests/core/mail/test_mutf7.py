"""Modified UTF-7."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mail import mutf7

TABLE = [
    ("INBOX", "INBOX"),
    ("A&B", "A&-B"),
    ("&", "&-"),
    ("Öl", "&ANY-l"),
    ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
    ("☺!", "&Jjo-!"),
    ("\U0001f4a9", "&2D3cqQ-"),
    ("tab\there", "tab&AAk-here"),
]


@pytest.mark.parametrize(("name", "disk"), TABLE)
def test_both_ways(name: str, disk: str) -> None:
    assert mutf7.encode(name) == disk
    assert mutf7.decode(disk) == name


@pytest.mark.parametrize("disk", ["&", "&AGE-", "a&b", "&AN-", "&U,BTFw-&ZeVnLIqe-", "Öl", "&*-"])
def test_other_spellings_are_refused(disk: str) -> None:
    with pytest.raises(ValueError, match="not modified UTF-7"):
        mutf7.decode(disk)


@given(st.text())
def test_any_text_comes_back(name: str) -> None:
    disk = mutf7.encode(name)
    assert disk.isascii()
    assert mutf7.decode(disk) == name


@given(st.text(alphabet="&-,abAB/+=Ö", max_size=12))
def test_garbage_raises_only_value_error(disk: str) -> None:
    try:
        name = mutf7.decode(disk)
    except ValueError:
        return
    assert mutf7.encode(name) == disk
