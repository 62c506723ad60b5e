"""SEARCH: keys to trees, charsets, return options."""

from collections.abc import Callable
from datetime import date

import pytest

from culver_plugins.imap.wire import query as q
from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.errors import ParseError
from culver_plugins.imap.wire.search import Search

Parse = Callable[..., Command]
DAY = date(1994, 2, 1)
SEEN, FLAGGED, RECENT = q.FlagKey(8), q.FlagKey(2), q.FlagKey(0x20)

KEYS: list[tuple[bytes, q.Key]] = [
    (b"ALL", q.All()),
    (b"nil", q.Nothing()),
    (b"ANSWERED", q.FlagKey(1)),
    (b"DELETED", q.FlagKey(4)),
    (b"DRAFT", q.FlagKey(16)),
    (b"FLAGGED", FLAGGED),
    (b"SEEN", SEEN),
    (b"UNANSWERED", q.Not(q.FlagKey(1))),
    (b"UNDELETED", q.Not(q.FlagKey(4))),
    (b"UNDRAFT", q.Not(q.FlagKey(16))),
    (b"UNFLAGGED", q.Not(FLAGGED)),
    (b"UNSEEN", q.Not(SEEN)),
    (b"RECENT", RECENT),
    (b"OLD", q.Not(RECENT)),
    (b"NEW", q.And((RECENT, q.Not(SEEN)))),
    (b"KEYWORD $Forwarded", q.KeywordKey("$Forwarded")),
    (b"UNKEYWORD x", q.Not(q.KeywordKey("x"))),
    (b"BEFORE 1-Feb-1994", q.Before(DAY)),
    (b"ON 1-Feb-1994", q.On(DAY)),
    (b'SINCE "1-Feb-1994"', q.Since(DAY)),
    (b"SENTBEFORE 1-Feb-1994", q.SentBefore(DAY)),
    (b"SENTON 1-Feb-1994", q.SentOn(DAY)),
    (b"SENTSINCE 1-Feb-1994", q.SentSince(DAY)),
    (b"SAVEDBEFORE 1-Feb-1994", q.SavedBefore(DAY)),
    (b"SAVEDON 1-Feb-1994", q.SavedOn(DAY)),
    (b"X-SAVEDSINCE 1-Feb-1994", q.SavedSince(DAY)),
    (b"SAVEDATESUPPORTED", q.SaveDateSupported()),
    (b"LARGER 5000000000", q.Larger(5000000000)),
    (b"SMALLER 0", q.Smaller(0)),
    (b"OLDER 60", q.Older(60)),
    (b"YOUNGER 259200", q.Younger(259200)),
    (b'FROM "Smith"', q.Header("from", "Smith")),
    (b"TO a", q.Header("to", "a")),
    (b"CC a", q.Header("cc", "a")),
    (b"BCC a", q.Header("bcc", "a")),
    (b'SUBJECT "a b"', q.Header("subject", "a b")),
    (b'HEADER X-Spam ""', q.Header("x-spam", "")),
    ("BODY ä".encode().replace("ä".encode(), '"ä"'.encode()), q.Body("ä")),
    (b'TEXT "x"', q.Text("x")),
    (b"MODSEQ 620162338", q.Modseq(620162338)),
    (b'MODSEQ "/flags/\\\\draft" all 620162338', q.Modseq(620162338, "\\draft", "all")),
    (b"2,4:*", q.SeqSet(((2, 2), (4, 1 << 32)))),
    (b"*", q.SeqSet(((1 << 32, 1 << 32),))),
    (b"$", q.UidSet(((0, 0),))),
    (b"UID 3:5", q.UidSet(((3, 5),))),
    (b"X-REAL-UID 3", q.RealUid(((3, 3),))),
    (b"X-GUID abc", q.Guid("abc")),
    (b"EMAILID Mabc_-1", q.EmailId("Mabc_-1")),
    (b"THREADID Tabc", q.ThreadId("Tabc")),
    (b"X-MAILBOX Entw&APw-rfe", q.InMailbox("Entwürfe")),
    (b"NOT SEEN", q.Not(SEEN)),
    (b"NOT NOT SEEN", q.Not(q.Not(SEEN))),
    (b"OR SEEN FLAGGED", q.Or(SEEN, FLAGGED)),
    (b"OR (SEEN RECENT) NOT FLAGGED", q.Or(q.And((SEEN, RECENT)), q.Not(FLAGGED))),
    (b"(SEEN)", SEEN),
    (b"((SEEN FLAGGED))", q.And((SEEN, FLAGGED))),
    (b"FUZZY SUBJECT x", q.Fuzzy(q.Header("subject", "x"))),
    (b'FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"',
     q.And((FLAGGED, q.Since(DAY), q.Not(q.Header("from", "Smith"))))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key"), KEYS, ids=[text.decode() for text, _ in KEYS])
def test_keys(parse: Parse, text: bytes, key: q.Key) -> None:
    assert parse(b"SEARCH " + text) == Search(key)
    assert parse(b"UID SEARCH " + text) == Search(key, uid=True)


@pytest.mark.parametrize(
    ("text", "returns"),
    [
        (b"RETURN (MIN COUNT)", frozenset({"MIN", "COUNT"})),
        (b"RETURN ()", frozenset({"ALL"})),
        (b"return (save)", frozenset({"SAVE"})),
    ],
)
def test_return_options(parse: Parse, text: bytes, returns: frozenset[str]) -> None:
    assert parse(b"SEARCH " + text + b" SEEN") == Search(SEEN, returns)


def test_charsets(parse: Parse) -> None:
    text = q.Header("subject", "ä")

    assert parse(b"SEARCH CHARSET UTF-8 SUBJECT {2}\n", "ä".encode()) == Search(text)
    assert parse(b'SEARCH RETURN (ALL) CHARSET "utf-8" SUBJECT {2}\n', "ä".encode()) == Search(
        text, frozenset({"ALL"})
    )
    assert parse(b"SEARCH CHARSET US-ASCII SEEN") == Search(SEEN)


@pytest.mark.parametrize(
    "line",
    [b"SEARCH CHARSET KOI8-R TEXT x", b"SEARCH CHARSET US-ASCII TEXT \"\xc3\xa4\"",
     b"SEARCH TEXT \"\xe4\""],
)  # fmt: skip
def test_texts_that_can_not_be_read_are_a_badcharset(parse: Parse, line: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse(line)

    assert (caught.value.status, caught.value.code[:10]) == (b"NO", b"BADCHARSET")
    assert caught.value.text == "Unknown charset"


BAD = [
    b"", b" ", b" NONSENSE", b" ()", b" (SEEN", b" SEEN)", b" OR SEEN", b" NOT", b" KEYWORD",
    b" KEYWORD \\Seen", b" BEFORE", b" BEFORE x", b" LARGER x", b" LARGER -1", b" OLDER 0",
    b" HEADER x", b" UID x", b" UID", b" 0", b" 1,", b" FROM", b" MODSEQ x", b' MODSEQ "x" all 1',
    b' MODSEQ "/flags/a" some 1', b' MODSEQ "/flags/a" all', b" RETURN", b" RETURN SEEN",
    b" RETURN (X) SEEN", b" RETURN (MIN)", b" CHARSET UTF-8", b" CHARSET", b" FUZZY",
    b" EMAILID", b' EMAILID "x"', b" THREADID a+b", b" EMAILID " + b"x" * 256,
    b" NOT" * 51 + b" SEEN", b" " + b"(" * 51 + b"SEEN" + b")" * 51,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:20]))
def test_bad(parse: Parse, text: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse(b"SEARCH" + text)

    assert caught.value.status == b"BAD"


def test_many_keys_in_a_row_are_no_nesting(parse: Parse) -> None:
    command = parse(b"SEARCH" + b" NOT (SEEN)" * 1000)

    assert command == Search(q.And((q.Not(SEEN),) * 1000))
