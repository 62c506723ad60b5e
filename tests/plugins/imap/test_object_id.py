"""EMAILID and back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.imap.object_id import email_id, guid_of


@given(st.text(max_size=180).filter(lambda guid: len(guid.encode()) <= 180))
def test_there_and_back(guid: str) -> None:
    identifier = email_id(guid)

    assert re.fullmatch(rb"[A-Za-z0-9_-]{1,255}", identifier)
    assert guid_of(identifier.decode()) == guid


@pytest.mark.parametrize("text", ["M", "X", "Mabcde", "M123", "T" + "YQ", "M_w"])
def test_of_nobody(text: str) -> None:
    assert guid_of(text) in (None, "")
