"""Modified UTF-7: one name, one wire form (RFC 3501 5.1.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.imap.wire import mutf7

PAIRS = [
    ("INBOX", b"INBOX"),
    ("", b""),
    ("Tom & Jerry", b"Tom &- Jerry"),
    ("&&", b"&-&-"),
    ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
    ("Entwürfe", b"Entw&APw-rfe"),
    ("ä&ö", b"&AOQ-&-&APY-"),
    ("☺!", b"&Jjo-!"),
    ("😀", b"&2D3eAA-"),
    ("a\tb", b"a&AAk-b"),
    ("\x7f", b"&AH8-"),
    ('%*"\\', b'%*"\\'),
]
WRONG = [
    pytest.param(b"&", id="shift at the end"),
    pytest.param(b"&AOQ", id="shift not closed"),
    pytest.param(b"&Jjo!", id="shift closed by another sign (RFC 3501 5.1.3)"),
    pytest.param(b"&U,BTFw-&ZeVnLIqe-", id="shift right behind another (RFC 3501 5.1.3)"),
    pytest.param(b"&AOQ-&APY-", id="two shifts where one will do"),
    pytest.param(b"&AGEA5A-", id="printable ASCII encoded"),
    pytest.param(b"&ACY-", id="ampersand encoded"),
    pytest.param(b"&AOR-", id="bits left over"),
    pytest.param(b"&AO-", id="half a unit"),
    pytest.param(b"&A-", id="less than an octet"),
    pytest.param(b"&AOQ=-", id="padding"),
    pytest.param(b"&U/BTFw-", id="slash of plain base64"),
    pytest.param(b"&2D0-", id="half a surrogate pair"),
    pytest.param(b"&3gDYPQ-", id="surrogates the wrong way round"),
    pytest.param(b"&AAA-", id="NUL"),
    pytest.param("Entwürfe".encode(), id="UTF-8"),
    pytest.param("&AOQ-ä".encode(), id="UTF-8 behind a shift"),
    pytest.param(b"a\tb", id="bare control character"),
    pytest.param(b"&AOQ-\x7f", id="bare DEL behind a shift"),
]


@pytest.mark.parametrize(("name", "wire"), PAIRS)
def test_both_ways(name: str, wire: bytes) -> None:
    assert mutf7.encode(name) == wire
    assert mutf7.decode(wire) == name


@pytest.mark.parametrize("wire", WRONG)
def test_every_other_form_is_refused(wire: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - codecs word it in their own way
        mutf7.decode(wire)


@pytest.mark.parametrize("name", ["\ud800", "a\0b", "ä\0"])
def test_names_without_a_wire_form(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        mutf7.encode(name)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_name_survives(name: str) -> None:
    assert mutf7.decode(mutf7.encode(name)) == name


@given(st.binary(max_size=20) | st.text("&-,+Ab9=", max_size=14).map(str.encode))
def test_what_is_read_has_no_second_form(wire: bytes) -> None:
    try:
        name = mutf7.decode(wire)
    except ValueError:
        return
    assert mutf7.encode(name) == wire
