"""The reader of transcripts."""

from pathlib import Path

import pytest
from tests.transcripts.transcript import (
    Action,
    Expect,
    Send,
    TranscriptError,
    parse,
    pattern,
    unescape,
)

PATH = Path("x.txt")


def test_a_file() -> None:
    text = (
        "# c\ntitle: t\nmail: INBOX a.eml \\Seen\n\nC: a\n# c\nC2= b\\r\\xe4\nS: c\nS2| d\n-- tls\n"
    )

    transcript = parse(text, PATH)

    assert transcript.values("mail") == ["INBOX a.eml \\Seen"]
    assert transcript.steps == (
        Send(5, 1, b"a\r\n"),
        Send(7, 2, b"b\r\xe4"),
        Expect(8, 1, ":", "c"),
        Expect(9, 2, "|", "d"),
        Action(10, "tls"),
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("mail: x\n\nC: a", "no title"),
        ("title: x\nfoo: y\n\n", "x.txt:2: 'foo' is none of: config,"),
        ("title: x\n\nC: a\nX: b", "x.txt:4: a step starts with"),
        ("title: x\n\nC~ a", "x.txt:3: a step starts with"),
    ],
)
def test_errors_name_the_line(text: str, error: str) -> None:
    with pytest.raises(TranscriptError, match=error):
        parse(text, PATH)


@pytest.mark.parametrize(
    ("text", "line", "matches"),
    [
        (r"* <\d+> EXISTS", b"* 12 EXISTS", True),
        (r"* <\d+> EXISTS", b"* x EXISTS", False),
        (r"a (b) <[<]>", b"a (b) <", True),
        (r"a OK<.*>", b"a OK \xff", True),
        (r"a", b"ab", False),
    ],
)
def test_patterns(text: str, line: bytes, matches: bool) -> None:
    assert Expect(1, 1, "~", text).match(line, {}) is matches


def test_variables() -> None:
    variables: dict[str, str] = {}

    assert Expect(1, 1, "~", r"[UIDNEXT <next=\d+>]").match(b"[UIDNEXT 7]", variables)
    assert variables == {"next": "7"}
    assert Send(1, 1, b"UID FETCH {{next}}").octets(variables) == b"UID FETCH 7"
    assert Expect(1, 1, ":", "x {{next}}").match(b"x 7", variables)


def test_small_things() -> None:
    assert unescape(r"\\\n\x00") == b"\\\n\0"
    assert pattern("a.b") == r"a\.b"
