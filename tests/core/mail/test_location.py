"""mail_location."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mail.location import KEYS, BadLocation, MailLocation, parse_location

HOME = Path("/home/alice")

TABLE: list[tuple[str, str, str, dict[str, str]]] = [
    ("maildir:~/Maildir", "maildir", "/home/alice/Maildir", {}),
    ("maildir:/m:LAYOUT=fs", "maildir", "/m", {"LAYOUT": "fs"}),
    ("maildir:/m:INDEX=~/i:UTF-8", "maildir", "/m", {"INDEX": "/home/alice/i", "UTF-8": ""}),
    ("mbox:~/mail:INBOX=/var/mail/a", "mbox", "/home/alice/mail", {"INBOX": "/var/mail/a"}),
    ("sdbox:~/a::b:ALT=/x::y", "sdbox", "/home/alice/a:b", {"ALT": "/x:y"}),
    ("mdbox:~", "mdbox", "/home/alice", {}),
    ("imapc:", "imapc", "", {}),
    ("~/mail", "auto", "/home/alice/mail", {}),
    ("/var/mail:INDEX=MEMORY", "auto", "/var/mail", {"INDEX": "MEMORY"}),
    ("", "auto", "", {}),
    ("maildir:/m:control=/c", "maildir", "/m", {"CONTROL": "/c"}),
]


@pytest.mark.parametrize(("text", "driver", "path", "options"), TABLE)
def test_table(text: str, driver: str, path: str, options: dict[str, str]) -> None:
    location = parse_location(text, HOME)
    assert location == MailLocation(driver=driver, path=path, options=options)
    assert parse_location(str(location), None) == location


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_is_known(key: str) -> None:
    assert parse_location(f"maildir:/m:{key}=v", None).options == {key: "v"}


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(BadLocation, match="unknown key 'INDX'; allowed: ALT, "):
        parse_location("maildir:/m:INDX=x", None)


def test_home_is_needed() -> None:
    with pytest.raises(BadLocation, match="needs a home"):
        parse_location("maildir:~/Maildir", None)


def test_control_is_the_root_by_default() -> None:
    assert parse_location("maildir:/m", None).control == Path("/m")
    assert parse_location("maildir:/m:CONTROL=/c", None).control == Path("/c")


@given(st.text(alphabet=":=~/abIX%N", max_size=20))
def test_garbage(text: str) -> None:
    try:
        location = parse_location(text, HOME)
    except BadLocation:
        return
    assert set(location.options) <= KEYS
