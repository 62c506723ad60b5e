"""What the server says, octet for octet."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from culver_plugins.imap.wire import quoting
from culver_plugins.imap.wire import responses as r
from culver_plugins.imap.wire.flags import FLAG_TEXTS
from culver_plugins.imap.wire.lexer import Lexer

LINES: list[tuple[bytes, bytes]] = [
    (r.ok(b"a", b"NOOP completed."), b"a OK NOOP completed.\r\n"),
    (r.ok(b"a", b"Select completed", b"READ-WRITE"), b"a OK [READ-WRITE] Select completed\r\n"),
    (r.no(b"a", b"x", b"TRYCREATE"), b"a NO [TRYCREATE] x\r\n"),
    (r.bad(b"*", b"x"), b"* BAD x\r\n"),
    (r.bye(b"Logging out"), b"* BYE Logging out\r\n"),
    (r.untagged_ok(b"Still here"), b"* OK Still here\r\n"),
    (r.greeting([b"IMAP4rev1", b"ID"], b"Ready."), b"* OK [CAPABILITY IMAP4rev1 ID] Ready.\r\n"),
    (r.capability([b"IMAP4rev1", b"ID"]), b"* CAPABILITY IMAP4rev1 ID\r\n"),
    (r.continuation(b"idling"), b"+ idling\r\n"),
    (r.challenge(b""), b"+ \r\n"),
    (r.challenge(b"foo"), b"+ Zm9v\r\n"),
    (r.enabled([]), b"* ENABLED\r\n"),
    (r.enabled([b"QRESYNC"]), b"* ENABLED QRESYNC\r\n"),
    (r.server_id(None), b"* ID NIL\r\n"),
    (r.server_id({b"name": b"Culver", b"os": None}), b'* ID ("name" "Culver" "os" NIL)\r\n'),
    (r.exists(3), b"* 3 EXISTS\r\n"),
    (r.recent(0), b"* 0 RECENT\r\n"),
    (r.expunges([7, 3]), b"* 7 EXPUNGE\r\n* 3 EXPUNGE\r\n"),
    (r.vanished(BitMap([1, 2, 3, 7])), b"* VANISHED 1:3,7\r\n"),
    (r.vanished([5], earlier=True), b"* VANISHED (EARLIER) 5\r\n"),
    (r.flags_line([b"$X"]), b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $X)\r\n"),
    (r.permanent_flags([b"a"], bits=8),
     b"* OK [PERMANENTFLAGS (\\Seen a \\*)] Flags permitted.\r\n"),
    (r.permanent_flags([], bits=0, new=False),
     b"* OK [PERMANENTFLAGS ()] Read-only mailbox.\r\n"),
    (r.numbered(b"UIDVALIDITY", 5, b"UIDs valid"), b"* OK [UIDVALIDITY 5] UIDs valid\r\n"),
    (r.fetch_line(1, [b"UID 7", b"FLAGS ()"]), b"* 1 FETCH (UID 7 FLAGS ())\r\n"),
    (r.fetch_lines([(1, b"UID 7"), (2, b"UID 9")]),
     b"* 1 FETCH (UID 7)\r\n* 2 FETCH (UID 9)\r\n"),
    (r.fetch_lines([]), b""),
    (r.fetch_flags_lines([1, 2], [7, 9], [b"", b"\\Seen"]),
     b"* 1 FETCH (UID 7 FLAGS ())\r\n* 2 FETCH (UID 9 FLAGS (\\Seen))\r\n"),
    (r.fetch_flags_lines([1], None, [b"\\Seen"]), b"* 1 FETCH (FLAGS (\\Seen))\r\n"),
    (r.fetch_modseq_lines([1], [7], [b""], [5]), b"* 1 FETCH (UID 7 FLAGS () MODSEQ (5))\r\n"),
    (r.fetch_uid_lines([1, 2], [7, 9]), b"* 1 FETCH (UID 7)\r\n* 2 FETCH (UID 9)\r\n"),
    (r.same_flags_lines([1, 2], [7, 9], b"x"),
     b"* 1 FETCH (UID 7 FLAGS (x))\r\n* 2 FETCH (UID 9 FLAGS (x))\r\n"),
    (r.search([2, 3, 6]), b"* SEARCH 2 3 6\r\n"),
    (r.search([]), b"* SEARCH\r\n"),
    (r.search([2], modseq=917162500), b"* SEARCH 2 (MODSEQ 917162500)\r\n"),
    (r.esearch(b"a"), b'* ESEARCH (TAG "a")\r\n'),
    (r.esearch(b"A285", uid=True, minimum=7, maximum=3800, count=15),
     b'* ESEARCH (TAG "A285") UID MIN 7 MAX 3800 COUNT 15\r\n'),
    (r.esearch(b"A283", found=b"2,10:11"), b'* ESEARCH (TAG "A283") ALL 2,10:11\r\n'),
    (r.esearch(b"a", found=b"", count=0, modseq=9), b'* ESEARCH (TAG "a") COUNT 0 MODSEQ 9\r\n'),
    (r.list_line([b"\\HasChildren"], "/", "INBOX"), b'* LIST (\\HasChildren) "/" INBOX\r\n'),
    (r.list_line([], "\\", "a b"), b'* LIST () "\\\\" "a b"\r\n'),
    (r.list_line([b"\\Noselect"], None, "", command=b"LSUB"), b'* LSUB (\\Noselect) NIL ""\r\n'),
    (r.list_line([], "/", "Foo", child_info=[b"SUBSCRIBED"]),
     b'* LIST () "/" Foo ("CHILDINFO" ("SUBSCRIBED"))\r\n'),
    (r.status("Entwürfe", {"MESSAGES": 3, "X-GUID": b"ab"}),
     b"* STATUS Entw&APw-rfe (MESSAGES 3 X-GUID ab)\r\n"),
    (r.namespace([("", "/")], [], [("Public/", "/"), ("x", None)]),
     b'* NAMESPACE (("" "/")) NIL (("Public/" "/")("x" NIL))\r\n'),
    (r.append_uid(38505, ((3955, 3955),)), b"APPENDUID 38505 3955"),
    (r.copy_uid(38505, ((304, 304), (319, 320)), ((3956, 3958),)),
     b"COPYUID 38505 304,319:320 3956:3958"),
    (r.modified(((7, 7), (9, 9))), b"MODIFIED 7,9"),
    (r.header_fields([b"From", b"X Y"]), b'(From "X Y")'),
]  # fmt: skip


@pytest.mark.parametrize(("built", "expected"), LINES, ids=[repr(line) for _, line in LINES])
def test_lines(built: bytes, expected: bytes) -> None:
    assert built == expected


STRINGS = [
    (quoting.astring, b"abc", b"abc"),
    (quoting.astring, b"a]b", b"a]b"),
    (quoting.astring, b"", b'""'),
    (quoting.astring, b"nil", b'"nil"'),
    (quoting.astring, b'a"\\b', b'"a\\"\\\\b"'),
    (quoting.astring, b"a%", b'"a%"'),
    (quoting.astring, b"a\r\nb", b"{4}\r\na\r\nb"),
    (quoting.string, "ä".encode(), b"{2}\r\n\xc3\xa4"),
    (quoting.string, b"abc", b'"abc"'),
    (quoting.literal8, b"\0", b"~{1}\r\n\0"),
]


@pytest.mark.parametrize(("build", "text", "wire"), STRINGS)
def test_strings(build: Callable[[bytes], bytes], text: bytes, wire: bytes) -> None:
    assert build(text) == wire


def test_nstring() -> None:
    assert quoting.nstring(None) == b"NIL"
    assert quoting.nstring(b"NIL") == b'"NIL"'


@pytest.mark.parametrize("text", [b"a\rb", b"a\nb", b"a\0b", b"\xe4"])
def test_what_can_not_be_quoted(text: bytes) -> None:
    with pytest.raises(ValueError, match="can't be quoted"):
        quoting.quoted(text)


@given(st.binary(max_size=30).filter(lambda text: b"\0" not in text))
def test_the_lexer_reads_back_every_astring(text: bytes) -> None:
    wire = quoting.astring(text)
    literals = [text] if wire.startswith(b"{") else []
    line = wire.split(b"\r\n")[0] + b"\n" if literals else wire

    assert Lexer(line, literals).astring() == text


def test_columns_of_a_large_mailbox_are_one_piece() -> None:
    rows = 1000
    texts = [FLAG_TEXTS[i & 63] for i in range(rows)]

    built = r.fetch_flags_lines(range(1, rows + 1), range(10, rows + 10), texts)

    assert built.count(b"\r\n") == rows
    assert built.startswith(b"* 1 FETCH (UID 10 FLAGS ())\r\n* 2 FETCH (UID 11 FLAGS (\\Answered")


def test_columns_of_unequal_length_are_our_bug() -> None:
    with pytest.raises(ValueError, match="zip"):
        r.fetch_flags_lines([1, 2], [7], [b""])
    with pytest.raises(ValueError, match="zip"):
        r.fetch_flags_lines([1, 2], None, [b""])
