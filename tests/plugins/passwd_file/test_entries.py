"""Lines of passwd-files, as a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.passwd_file.entries import Entry, parse

LINES = [
    ("bob", Entry("bob", "", userdb=False)),
    ("bob:", Entry("bob", "", userdb=False)),
    ("bob:x", Entry("bob", "x", userdb=False)),
    ("bob:x:1", Entry("bob", "x", uid="1", userdb=False)),
    ("bob:x:1:2", Entry("bob", "x", uid="1", gid="2")),
    ("bob:x:1:2:Bob B:/h", Entry("bob", "x", uid="1", gid="2", home="/h")),
    ("bob:x:1:2::/h:/bin/sh", Entry("bob", "x", uid="1", gid="2", home="/h")),
    ("bob:x:::::", Entry("bob", "x")),
    (
        "bob:x:1:2::/h::a=1 b userdb_c=d:e",
        Entry("bob", "x", uid="1", gid="2", home="/h", extra=("a=1", "b", "userdb_c=d:e")),
    ),
    (
        "bob:x:1:2::/h:::maildir:~/m",
        Entry("bob", "x", uid="1", gid="2", home="/h", extra=("userdb_mail=maildir:~/m",)),
    ),
    ("bob:JBOZ0DgmtucwE[13]", Entry("bob", "{CRYPT}JBOZ0DgmtucwE", userdb=False)),
    ("bob:5d41[34]", Entry("bob", "{PLAIN-MD5}5d41", userdb=False)),
    ("bob:5d41[56]", Entry("bob", "{DIGEST-MD5}5d41", userdb=False)),
    ("bob:{PLAIN}5d41[34]", Entry("bob", "{PLAIN}5d41[34]", userdb=False)),
    ("bob:$1$5d41[34]", Entry("bob", "$1$5d41[34]", userdb=False)),
    ("bob:x\r", Entry("bob", "x", userdb=False)),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_lines(line: str, expected: Entry) -> None:
    complaints: list[str] = []
    for text in (line, f"{line}\n", f"#c\n\n:x\n{line}\nzoe:z\n"):
        assert parse(text, complaints.append)["bob"] == expected
    assert complaints == []


def test_the_first_of_a_name_wins_and_the_second_is_told() -> None:
    complaints: list[str] = []
    assert parse("bob:1\nbob:2\n", complaints.append)["bob"].password == "1"
    assert complaints == ["User bob exists more than once"]


@given(st.text())
def test_garbage(text: str) -> None:
    for name, entry in parse(text, lambda complaint: None).items():
        assert name == entry.user
