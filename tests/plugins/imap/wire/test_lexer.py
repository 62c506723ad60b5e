"""The lexer's tokens, and the words of its errors."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from culver_plugins.imap.wire.errors import MailboxNameError, NeedLiteral, ParseError
from culver_plugins.imap.wire.flags import FlagList
from culver_plugins.imap.wire.lexer import MAX_DEPTH, Lexer

Read = Callable[[Lexer], object]

GOOD: list[tuple[Read, bytes, object, bytes]] = [
    (Lexer.atom, b"abc def", b"abc", b" def"),
    (Lexer.atom, b"a.b-c)", b"a.b-c", b")"),
    (Lexer.keyword, b"rfc822.size)", "RFC822.SIZE", b")"),
    (Lexer.astring, b"abc]d", b"abc]d", b""),
    (Lexer.astring, b"INB%x*\\y", b"INB%x*\\y", b""),
    (Lexer.astring, b"~/mail", b"~/mail", b""),
    (Lexer.astring, b'"a b" c', b"a b", b" c"),
    (Lexer.string, b'""', b"", b""),
    (Lexer.string, b'"a\\"b\\\\c"', b'a"b\\c', b""),
    (Lexer.string, b'"a\\bc"', b"abc", b""),
    (Lexer.string, '"ä"'.encode(), "ä".encode(), b""),
    (Lexer.nstring, b"nil", None, b""),
    (Lexer.nstring, b'"NIL"', b"NIL", b""),
    (Lexer.number, b"0", 0, b""),
    (Lexer.number, b"4294967295x", 4294967295, b"x"),
    (Lexer.nz_number, b"12", 12, b""),
    (Lexer.number64, b"9223372036854775807", 9223372036854775807, b""),
    (Lexer.sequence_set, b"1:3,5 x", ((1, 3), (5, 5)), b" x"),
    (Lexer.sequence_set, b"$", ((0, 0),), b""),
    (Lexer.mailbox, b"inBox", "INBOX", b""),
    (Lexer.mailbox, b"inBox/x", "inBox/x", b""),
    (Lexer.mailbox, b"Entw&APw-rfe", "Entwürfe", b""),
    (Lexer.list_mailbox, b"Entw&APw-%", "Entwü%", b""),
    (Lexer.list_mailbox, b'""', "", b""),
    (Lexer.flag_list, b"(\\Seen $X)", FlagList(8, ("$X",)), b""),
    (Lexer.flag_list, b"( )", FlagList(), b""),
    (Lexer.flags, b"\\Seen a \\Draft", FlagList(24, ("a",)), b""),
    (Lexer.date, b'"1-Feb-1994"', date(1994, 2, 1), b""),
    (Lexer.date, b"1-Feb-1994)", date(1994, 2, 1), b")"),
    (Lexer.date_time, b'"17-Jul-1996 02:44:25 +0000"',
     datetime(1996, 7, 17, 2, 44, 25, tzinfo=UTC), b""),
    (Lexer.text_value, '"ä"'.encode(), "ä", b""),
]  # fmt: skip


@pytest.mark.parametrize(("read", "text", "value", "rest"), GOOD)
def test_tokens(read: Read, text: bytes, value: object, rest: bytes) -> None:
    lexer = Lexer(text)

    assert read(lexer) == value
    assert text[lexer.position :] == rest


BAD: list[tuple[Read, bytes, str]] = [
    (Lexer.atom, b"", "Expected atom, found end of line at 0."),
    (Lexer.atom, b"]", "Expected atom, found ']' at 0."),
    (Lexer.sp, b"x", "Expected a space, found 'x' at 0."),
    (Lexer.end, b" x", "Expected end of line, found a space at 0."),
    (Lexer.astring, b"(", "Expected string, found '(' at 0."),
    (Lexer.astring, b"\x01", "Expected string, found a control character at 0."),
    (Lexer.astring, b"\xe4", "Expected string, found an 8-bit octet at 0."),
    (Lexer.string, b'"abc', "Expected string, found a quote at 0."),
    (Lexer.string, b'"abc\\"', "Expected string, found a quote at 0."),
    (Lexer.string, b"abc", "Expected string, found 'a' at 0."),
    (Lexer.string, b"{x}", "Expected string, found a literal at 0."),
    (Lexer.nstring, b"NILS", "Expected string or NIL, found 'N' at 0."),
    (Lexer.number, b"4294967296", "Expected number up to 4294967295, found more at 0."),
    (Lexer.number, b"9" * 5000, "Expected number up to 4294967295, found more at 0."),
    (Lexer.nz_number, b"0", "Expected number above 0, found '0' at 0."),
    (Lexer.number64, b"9223372036854775808",
     "Expected number up to 9223372036854775807, found more at 0."),
    (Lexer.sequence_set, b"0", "Expected sequence set, found '0' at 0."),
    (Lexer.sequence_set, b"1,4294967296",
     "Expected sequence set, found number over 4294967295 at 0."),
    (Lexer.mailbox, b"&", "Mailbox name is not valid mUTF-7"),
    (Lexer.flag_list, b"(\\Seen", "Expected a space, found end of line at 6."),
    (Lexer.flag_list, b'("x")', "Expected flag, found a quote at 1."),
    (Lexer.flag_list, b"(\\Recent)",
     "Expected flag that a client may set, found \\Recent at 9."),
    (Lexer.flag_keyword, b"\\Seen", "Expected keyword, found '\\' at 0."),
    (Lexer.date, b"1-Foo-1994", "Expected date such as 1-Feb-1994, found another text at 10."),
    (Lexer.text_value, b'"\xe4"', "Expected string in UTF-8, found other octets at 0."),
]  # fmt: skip


@pytest.mark.parametrize(("read", "text", "error"), BAD)
def test_errors_say_what_was_expected_and_found(read: Read, text: bytes, error: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(Lexer(text))

    assert str(caught.value) == error


def test_a_bad_name_is_no_bad_command() -> None:
    with pytest.raises(MailboxNameError) as caught:
        Lexer(b"&AOQ").mailbox()

    assert caught.value.status == b"NO"


def test_literals_stand_where_strings_do() -> None:
    lexer = Lexer(b"{3}\n {0+}\n ~{2}\n {1}\n", [b"a\r\n", b"", b"\0b", None])

    assert lexer.astring() == b"a\r\n"
    lexer.sp()
    assert lexer.nstring() == b""
    lexer.sp()
    assert lexer.at_literal()
    assert lexer.literal() == b"\0b"
    lexer.sp()
    with pytest.raises(NeedLiteral):
        lexer.string()


@pytest.mark.parametrize(("text", "octets"), [(b"~{1}\n", b"a"), (b"{1}\n", b"\0")])
def test_strings_take_neither_literal8_nor_nul(text: bytes, octets: bytes) -> None:
    with pytest.raises(ParseError):
        Lexer(text, [octets]).astring()


def test_spaces() -> None:
    lexer = Lexer(b"a  b   ")

    assert lexer.atom() == b"a"
    assert lexer.opt_sp()
    assert lexer.atom() == b"b"
    assert lexer.at_end()
    assert not lexer.opt_sp()
    lexer.end()


@pytest.mark.parametrize("text", [b"(a b)", b"( a  b )"])
def test_list_of(text: bytes) -> None:
    lexer = Lexer(text)

    assert lexer.list_of(lexer.atom) == [b"a", b"b"]
    lexer.end()


def test_an_empty_list_where_there_must_be_items() -> None:
    with pytest.raises(ParseError, match="list that is not empty"):
        Lexer(b"()").list_of(lambda: None, empty=False)


@pytest.mark.parametrize(("levels", "fits"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False)])
def test_nesting_has_a_limit(levels: int, fits: bool) -> None:
    lexer = Lexer(b"(" * levels + b")" * levels)

    def nested() -> None:
        lexer.list_of(nested)

    if fits:
        nested()
        lexer.end()
    else:
        with pytest.raises(ParseError, match="levels of nesting"):
            nested()


def test_leaving_a_level_gives_it_back() -> None:
    lexer = Lexer(b"")
    for _ in range(2 * MAX_DEPTH):
        lexer.enter()
        lexer.leave()
