"""Search queries: words to trees."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.adm.errors import AdmError
from culver.adm.query.parser import parse_query
from culver.adm.query.term import AllOf, AnyOf, InMailbox, InMailboxGuid, Moment, Negated, Term
from culver.mail import flags
from culver.mail import query as q
from culver.mail.uids import STAR

NOW = 1_800_000_000


def parse(text: str) -> Term:
    found = parse_query(text.split(), lambda: NOW).term
    return found.terms[0] if isinstance(found, AllOf) and len(found.terms) == 1 else found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", q.All()),
        ("SEEN", q.Flags(flags.SEEN)),
        ("undeleted", q.Not(q.Flags(flags.DELETED))),
        ("1:3,*", q.Seqs(((1, 3), (STAR, STAR)))),
        ("uid 5:2", q.Uids(((2, 5),))),
        ("uid 7:*", q.Uids(((7, STAR),))),
        ("mailbox INBOX", InMailbox("INBOX")),
        ("mailbox-guid 00ff", InMailboxGuid("00ff")),
        ("not seen", Negated(q.Flags(flags.SEEN))),
        ("not not all", Negated(Negated(q.All()))),
        ("from bob subject x", AllOf((q.Header("from", "bob"), q.Header("subject", "x")))),
        ("header X-Y z", q.Header("x-y", "z")),
        ("seen or all", AnyOf((q.Flags(flags.SEEN), q.All()))),
        # One OR makes all keys of the level alternatives: doveadm's rule, not IMAP's.
        ("seen all or nil", AnyOf((q.Flags(flags.SEEN), q.All(), q.Not(q.All())))),
        ("( seen all )", AllOf((q.Flags(flags.SEEN), q.All()))),
        (
            "( seen or all ) uid 1",
            AllOf((AnyOf((q.Flags(flags.SEEN), q.All())), q.Uids(((1, 1),)))),
        ),
        ("since 2026-11-02", q.Date("received", "since", date(2026, 11, 2).toordinal())),
        ("since 2-Nov-2026", q.Date("received", "since", date(2026, 11, 2).toordinal())),
        ("before 1500000000", Moment("received", "before", 1500000000)),
        ("sentsince 2d", Moment("sent", "since", NOW - 2 * 86400)),
        ("savedbefore 1weeks", Moment("saved", "before", NOW - 7 * 86400)),
        ("on 90secs", Moment("received", "on", NOW - 90)),
        ("x-savedon 3mins", Moment("saved", "on", NOW - 180)),
        ("larger 50k", q.Size("larger", 51200)),
        ("smaller 2MiB", q.Size("smaller", 2 << 20)),
        ("larger 7B", q.Size("larger", 7)),
        ("older 60", q.Age("older", 60)),
        ("modseq 4", q.Modseq(4)),
        ("modseq /flags/\\Seen all 4", q.Modseq(4)),
        ("fuzzy body x", q.Body("x")),
        ("keyword a unkeyword b", AllOf((q.Keyword("a"), q.Not(q.Keyword("b"))))),
        ("guid abc", q.Guid("abc")),
    ],
)
def test_trees(text: str, expected: Term) -> None:
    assert parse(text) == expected


def test_an_interval_with_a_blank_is_one_word() -> None:
    found = parse_query(["since", "2 days"], lambda: NOW).term

    assert found == AllOf((Moment("received", "since", NOW - 172800),))


def test_oldest_only() -> None:
    assert parse_query(["oldestonly", "seen"]).oldest_only
    assert not parse_query(["seen"]).oldest_only


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Missing search key"),
        ("( )", "Missing search key"),
        ("( all", r"Missing '\)'"),
        ("all )", r"Unexpected '\)'"),
        ("nosuch", "Unknown argument nosuch"),
        ("not", "Missing parameter"),
        ("not )", "Missing parameter"),
        ("all or", "Missing parameter"),
        ("since", "Missing parameter"),
        ("since yesterday", "Invalid search date parameter: yesterday"),
        ("since 31-Feb-2026", "Invalid search date"),
        ("since 5parsecs", "Invalid search date"),
        ("larger big", "Invalid size: big"),
        ("larger 5kk", "Invalid size: 5kk"),
        ("uid 0", "Invalid UID messageset: 0"),
        ("uid 1:", "Invalid UID messageset"),
        ("1:x", "Invalid messageset: 1:x"),
        ("older 0", "above 0"),
        ("older x", "Invalid search interval"),
        ("modseq /flags/x mine 1", "Invalid MODSEQ type: mine"),
    ],
)
def test_errors(text: str, message: str) -> None:
    with pytest.raises(AdmError, match=message):
        parse_query(text.split())


def test_nesting_ends_somewhere() -> None:
    with pytest.raises(AdmError, match="Too many nested"):
        parse_query(["not"] * 200 + ["all"])


_WORDS = st.sampled_from(
    ["(", ")", "or", "not", "all", "uid", "1:*", "mailbox", "INBOX", "since", "1d", "x", "larger"]
)


@given(st.lists(_WORDS | st.text(max_size=5), max_size=12))
def test_garbage_is_a_tree_or_an_error(words: list[str]) -> None:
    with contextlib.suppress(AdmError):
        assert parse_query(words).term is not None
