from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.address import Address, parse_addresses


def short(item: Address) -> tuple[str | None, ...]:
    texts = (item.name, item.route, item.mailbox, item.domain)
    return tuple(None if text is None else text.decode() for text in texts)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        (" \n\t(c)", []),
        ("a@b", [(None, None, "a", "b")]),
        ("A B <a@b>, c@d", [("A B", None, "a", "b"), (None, None, "c", "d")]),
        ('"A \\"Q\\" B" <a@b>', [('A "Q" B', None, "a", "b")]),
        ("a@b (Comm ent)", [("Comm ent", None, "a", "b")]),
        ("<@x,@y:a@b>", [(None, "@x,@y", "a", "b")]),
        ("g: a@b;", [(None, None, "g", None), (None, None, "a", "b"), (None,) * 4]),
        ("g:;", [(None, None, "g", None), (None,) * 4]),
        ("a..b.@c", [(None, None, "a..b.", "c")]),
        ('"a b"@c', [(None, None, "a b", "c")]),
        ("a@[127.0.0.1]", [(None, None, "a", "[127.0.0.1]")]),
        ("a@[x\\]y]", [(None, None, "a", "[x\\]y]")]),
        ("a@b (c\\)d)", [("c)d", None, "a", "b")]),
        ("root", [(None, None, "root", "MISSING_DOMAIN")]),
        ("Two Words", [("Two Words", None, "MISSING_MAILBOX", "MISSING_DOMAIN")]),
        ("<a@b", [(None, None, "a", "SYNTAX_ERROR")]),
        ("<@broken a@b>", [(None, "INVALID_ROUTE", "a", "b")]),
        ("<>", [(None, None, "MISSING_MAILBOX", "MISSING_DOMAIN")]),
    ],
)
def test_addresses(value: str, expected: list[tuple[str | None, ...]]) -> None:
    assert [short(item) for item in parse_addresses(value.encode())] == expected


@pytest.mark.parametrize(("value", "valid"), [(b"A <a@b>", True), (b"<a@b", False), (b"a", False)])
def test_an_address_says_whether_it_was_whole(value: bytes, valid: bool) -> None:
    (item,) = parse_addresses(value)

    assert item.valid is valid


@given(st.text('ab@.<>,;:"\\()[] \n\r\0é', max_size=60))
def test_garbage_never_raises(text: str) -> None:
    for item in parse_addresses(text.encode()):
        assert b"\n" not in (item.name or b"") + (item.mailbox or b"") + (item.domain or b"")


def test_unclosed_comments_do_not_take_quadratic_time() -> None:
    assert len(parse_addresses(b"(" * 200_000)) == 0
    assert len(parse_addresses(b'a@b,"' * 20_000)) > 0


WORD = st.text("abcXYZ019", min_size=1, max_size=8)


@given(st.lists(st.tuples(WORD, WORD, WORD), min_size=1, max_size=5))
def test_plain_lists_are_what_the_standard_library_reads(items: list[tuple[str, str, str]]) -> None:
    value = ", ".join(f"{name} <{user}@{host}>" for name, user, host in items)

    found = [short(item) for item in parse_addresses(value.encode())]
    assert [(name, f"{user}@{host}") for name, _, user, host in found] == getaddresses([value])
