"""RETURN options that hold a range."""

from collections.abc import Callable

import pytest

from culver_plugins.imap.wire import query as q
from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.errors import ParseError
from culver_plugins.imap.wire.search import Search
from culver_plugins.imap.wire.search_return import Partial

Parse = Callable[..., Command]


@pytest.mark.parametrize(
    ("text", "partial"),
    [
        (b"1:500", Partial(1, 500)),
        (b"500:1", Partial(1, 500)),
        (b"-1:-100", Partial(1, 100, from_end=True)),
        (b"-100:-1", Partial(1, 100, from_end=True)),
    ],
)
def test_partial(parse: Parse, text: bytes, partial: Partial) -> None:
    command = parse(b"SEARCH RETURN (PARTIAL " + text + b") ALL")

    assert command == Search(q.All(), frozenset({"PARTIAL"}), False, partial)


@pytest.mark.parametrize("option", ["CONTEXT", "UPDATE"])
def test_what_tells_nothing_itself_means_all(parse: Parse, option: str) -> None:
    command = parse(f"SEARCH RETURN ({option}) ALL".encode())

    assert command == Search(q.All(), frozenset({option, "ALL"}))


@pytest.mark.parametrize(
    "options",
    [b"PARTIAL", b"PARTIAL 1", b"PARTIAL 0:1", b"PARTIAL 1:-1", b"PARTIAL 1:*",
     b"PARTIAL 1:4294967296", b"PARTIAL 1:2 PARTIAL 3:4", b"ALL PARTIAL 1:2"],
)  # fmt: skip
def test_bad(parse: Parse, options: bytes) -> None:
    with pytest.raises(ParseError):
        parse(b"SEARCH RETURN (" + options + b") ALL")


@pytest.mark.parametrize(
    ("partial", "told"),
    [
        (Partial(1, 2), "ab"),
        (Partial(4, 9), "de"),
        (Partial(6, 9), ""),
        (Partial(1, 2, True), "de"),
        (Partial(2, 3, True), "cd"),
        (Partial(5, 9, True), "a"),
        (Partial(6, 9, True), ""),
    ],
)
def test_which_results(partial: Partial, told: str) -> None:
    assert "abcde"[partial.of(5)] == told
