"""SORT: criteria, return options, charsets."""

from collections.abc import Callable

import pytest

from culver_plugins.imap.wire import query as q
from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.errors import ParseError
from culver_plugins.imap.wire.search_return import Partial
from culver_plugins.imap.wire.sort import SORT_KEYS, Sort, SortKey

Parse = Callable[..., Command]
DATE, SUBJECT = SortKey("DATE"), SortKey("SUBJECT")


@pytest.mark.parametrize("name", sorted(SORT_KEYS))
def test_each_criterion_and_its_reverse(parse: Parse, name: str) -> None:
    line = f"SORT ({name.lower()}) UTF-8 ALL".encode()

    assert parse(line) == Sort((SortKey(name),), q.All())
    assert parse(line.replace(b"(", b"(REVERSE ")) == Sort((SortKey(name, True),), q.All())


ROWS: list[tuple[bytes, Sort]] = [
    (b"SORT (SUBJECT REVERSE DATE) us-ascii SEEN", Sort((SUBJECT, SortKey("DATE", True)),
                                                        q.FlagKey(8))),
    (b"SORT (DATE SUBJECT REVERSE DATE) UTF-8 ALL", Sort((DATE, SUBJECT), q.All())),
    (b"UID SORT (DATE) UTF-8 1:2 SEEN", Sort((DATE,), q.And((q.SeqSet(((1, 2),)), q.FlagKey(8))),
                                             None, True)),
    (b"SORT RETURN () (DATE) UTF-8 ALL", Sort((DATE,), q.All(), frozenset({"ALL"}))),
    (b"SORT RETURN (PARTIAL 23500:24000 MIN) (DATE) UTF-8 ALL",
     Sort((DATE,), q.All(), frozenset({"PARTIAL", "MIN"}), False, Partial(23500, 24000))),
]  # fmt: skip


@pytest.mark.parametrize(("line", "command"), ROWS, ids=lambda row: repr(row)[:40])
def test_rows(parse: Parse, line: bytes, command: Sort) -> None:
    assert parse(line) == command


@pytest.mark.parametrize(
    "line",
    [b"", b" ()", b" () UTF-8 ALL", b" (DATE) ALL", b" DATE UTF-8 ALL", b" (REVERSE) UTF-8 ALL",
     b" (RELEVANCY) UTF-8 ALL", b" (DATE) UTF-8", b" (DATE)", b" RETURN (DATE) UTF-8 ALL",
     b" RETURN (X) (DATE) UTF-8 ALL"],
)  # fmt: skip
def test_bad(parse: Parse, line: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse(b"SORT" + line)

    assert caught.value.status == b"BAD"


def test_another_charset(parse: Parse) -> None:
    with pytest.raises(ParseError) as caught:
        parse(b"SORT (DATE) KOI8-R ALL")

    assert caught.value.code.startswith(b"BADCHARSET")
