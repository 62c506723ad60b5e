"""Command lines, paths and parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.lmtp.wire.command import (
    Command,
    Envelope,
    SyntaxProblem,
    parse_line,
    parse_path,
)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"quit", Command("QUIT", "")),
        (b"MAIL FROM:<a@b> SIZE=3 ", Command("MAIL", "FROM:<a@b> SIZE=3")),
        ("RCPT TO:<ü@ö>".encode(), Command("RCPT", "TO:<ü@ö>")),
        (b"", Command("", "")),
        (b"noop\tx", Command("NOOP\tX", "")),
    ],
)
def test_lines(line: bytes, command: Command) -> None:
    assert parse_line(line) == command


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"NOOP \xff", "not valid UTF-8"),
        (b"NOOP \0", "control characters"),
        (b"NOOP \r", "control characters"),
        (b"NOOP \x7f", "control characters"),
    ],
)
def test_bad_lines(line: bytes, error: str) -> None:
    with pytest.raises(SyntaxProblem, match=error):
        parse_line(line)


@pytest.mark.parametrize(
    ("rest", "address", "params"),
    [
        ("FROM:<>", "", {}),
        ("from:<a@b>", "a@b", {}),
        ("FROM: <a@b>", "a@b", {}),
        ("FROM:<@x,@y:a@b>", "a@b", {}),
        ("FROM:<a>", "a", {}),
        ("FROM:<a@[127.0.0.1]>", "a@[127.0.0.1]", {}),
        ("FROM:<a+b=c/d@e>", "a+b=c/d@e", {}),
        ('FROM:<"a b"@c>', "a b@c", {}),
        ('FROM:<"a\\"b">', 'a"b', {}),
        ("FROM:<ü@ö>", "ü@ö", {}),
        ("FROM:<a@b> size=3  BODY=8BITMIME x", "a@b", {"SIZE": "3", "BODY": "8BITMIME", "X": ""}),
    ],
)
def test_paths(rest: str, address: str, params: dict[str, str]) -> None:
    assert parse_path(rest, "FROM:", null=True) == Envelope(address, params)


@pytest.mark.parametrize(
    ("rest", "error"),
    [
        ("a@b", "Expected FROM:<path>"),
        ("FROM:a@b", "Invalid path"),
        ("FROM:<a@b", "Invalid path"),
        ("FROM:<a b>", "Invalid path"),
        ("FROM:<a@b@c>", "Invalid path"),
        ('FROM:<"a@b>', "Invalid path"),
        ("FROM:<a@b>x", "Expected a space"),
        ("FROM:<a@b> =x", "Invalid parameter: =x"),
        ("FROM:<a@b> a=b=c", "Invalid parameter"),
    ],
)
def test_bad_paths(rest: str, error: str) -> None:
    with pytest.raises(SyntaxProblem, match=error):
        parse_path(rest, "FROM:", null=True)


def test_a_recipient_is_never_empty() -> None:
    with pytest.raises(SyntaxProblem, match="Null path"):
        parse_path("TO:<>", "TO:", null=False)


@given(st.text(max_size=60))
def test_garbage_is_a_problem_or_a_path(text: str) -> None:
    try:
        envelope = parse_path("FROM:" + text, "FROM:", null=True)
    except SyntaxProblem:
        return
    assert "\n" not in envelope.address or "\n" in text


@given(st.binary(max_size=60))
def test_garbage_is_a_problem_or_a_command(line: bytes) -> None:
    try:
        command = parse_line(line)
    except SyntaxProblem:
        return
    assert command.verb == command.verb.upper()
