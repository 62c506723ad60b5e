"""FETCH: items, sections, partials, modifiers."""

from collections.abc import Callable

import pytest

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.errors import ParseError
from culver_plugins.imap.wire.fetch import MACROS, BodyPart, Fetch, FetchItem, Preview
from culver_plugins.imap.wire.section import Section

Parse = Callable[..., Command]

ITEMS: list[tuple[bytes, tuple[FetchItem, ...]]] = [
    (b"ALL", MACROS["ALL"]),
    (b"fast", MACROS["FAST"]),
    (b"FULL", MACROS["FULL"]),
    (b"FLAGS", ("FLAGS",)),
    (b"BODY", ("BODY",)),
    (b"(FLAGS internaldate FLAGS)", ("FLAGS", "INTERNALDATE")),
    (b"(RFC822 RFC822.SIZE RFC822.HEADER RFC822.TEXT MODSEQ)",
     ("RFC822", "RFC822.SIZE", "RFC822.HEADER", "RFC822.TEXT", "MODSEQ")),
    (b"BODY[]", (BodyPart(Section()),)),
    (b"BODY.PEEK[]<0.2048>", (BodyPart(Section(), peek=True, partial=(0, 2048)),)),
    (b"BODY[1.2.3]", (BodyPart(Section((1, 2, 3))),)),
    (b"body[header]", (BodyPart(Section((), "HEADER")),)),
    (b"BODY[4.1.MIME]", (BodyPart(Section((4, 1), "MIME")),)),
    (b"BODY[TEXT]<10.1>", (BodyPart(Section((), "TEXT"), partial=(10, 1)),)),
    (b'BODY.PEEK[HEADER.FIELDS (DATE "From")]',
     (BodyPart(Section((), "HEADER.FIELDS", (b"DATE", b"From")), peek=True),)),
    (b"(BODY[1.HEADER.FIELDS.NOT (X)] UID)",
     (BodyPart(Section((1,), "HEADER.FIELDS.NOT", (b"X",))), "UID")),
    (b"BINARY[1]", (BodyPart(Section((1,)), "BINARY"),)),
    (b"BINARY.PEEK[]<1.2>", (BodyPart(Section(), "BINARY", True, (1, 2)),)),
    (b"BINARY.SIZE[1.1]", (BodyPart(Section((1, 1)), "BINARY.SIZE", True),)),
    (b"PREVIEW", (Preview(),)),
    (b"(PREVIEW (LAZY) UID)", (Preview(lazy=True), "UID")),
    (b"(SNIPPET (LAZY=FUZZY FUZZY))", (Preview(snippet=True, lazy=True, fuzzy=True),)),
    (b"(PREVIEW UID)", (Preview(), "UID")),
    (b"(X-GUID X-MAILBOX)", ("X-GUID", "X-MAILBOX")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "items"), ITEMS, ids=[text.decode() for text, _ in ITEMS])
def test_items(parse: Parse, text: bytes, items: tuple[FetchItem, ...]) -> None:
    assert parse(b"FETCH 2:4 " + text) == Fetch(((2, 4),), items)


def test_uid_comes_first_by_uid_and_once(parse: Parse) -> None:
    assert parse(b"UID FETCH 1 (FLAGS UID)") == Fetch(((1, 1),), ("UID", "FLAGS"), uid=True)
    assert parse(b"UID FETCH 1 FAST") == Fetch(((1, 1),), ("UID", *MACROS["FAST"]), uid=True)


def test_modifiers(parse: Parse) -> None:
    changed = Fetch(((1, 3),), ("FLAGS",), changed_since=12345)
    vanished = Fetch(((1, 3),), ("UID", "FLAGS"), True, 12345, vanished=True)

    assert parse(b"FETCH 1:3 (FLAGS) (CHANGEDSINCE 12345)") == changed
    assert parse(b"UID FETCH 1:3 (FLAGS) (CHANGEDSINCE 12345 VANISHED)") == vanished


def test_header_names_in_literals(parse: Parse) -> None:
    where = Section((), "HEADER.FIELDS", (b"Subject", b"To"))

    assert parse(b"FETCH 1 BODY[HEADER.FIELDS ({7}\n To)]", b"Subject") == Fetch(
        ((1, 1),), (BodyPart(where),)
    )


BAD = [
    b"", b" ", b" ()", b" NONSENSE", b" (ALL)", b" FLAGS x", b" (FLAGS", b" FLAGS INTERNALDATE",
    b" BODY[", b" BODY[0]", b" BODY[1.]", b" BODY[1.0]", b" BODY[MIME]", b" BODY[NONSENSE]",
    b" BODY[HEADER.FIELDS]", b" BODY[HEADER.FIELDS ()]", b" BODY[HEADER.FIELDS (a)",
    b" BODY[]<0>", b" BODY[]<0.0>", b" BODY[]<.1>", b" BODY[]<0.4294967296>",
    b" BODY[]<9999999999.1>", b" FLAGS[]", b" BINARY[HEADER]", b" BINARY", b" BODY.PEEK",
    b" BINARY.SIZE[1]<0.1>", b" PREVIEW (NONSENSE)", b" BODY[1" + b".1" * 101 + b"]",
    b" FLAGS ()", b" FLAGS (CHANGEDSINCE)", b" FLAGS (VANISHED)", b" FLAGS (NONSENSE 1)",
    b" FLAGS (CHANGEDSINCE 1 VANISHED)",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=repr)
def test_bad(parse: Parse, text: bytes) -> None:
    with pytest.raises(ParseError):
        parse(b"FETCH 1" + text)


def test_vanished_needs_changedsince(parse: Parse) -> None:
    with pytest.raises(ParseError, match="CHANGEDSINCE with VANISHED"):
        parse(b"UID FETCH 1 FLAGS (VANISHED)")


@pytest.mark.parametrize(
    ("section", "wire"),
    [
        (Section(), b""),
        (Section((1, 2)), b"1.2"),
        (Section((), "TEXT"), b"TEXT"),
        (Section((3,), "HEADER.FIELDS", (b"FROM", b"A B")), b'3.HEADER.FIELDS (FROM "A B")'),
    ],
)
def test_a_section_is_written_as_it_was_asked_for(
    parse: Parse, section: Section, wire: bytes
) -> None:
    assert section.wire() == wire
    assert parse(b"FETCH 1 BODY[%b]" % wire) == Fetch(((1, 1),), (BodyPart(section),))


def test_field_names_are_answered_in_upper_case() -> None:
    assert Section((), "HEADER.FIELDS", (b"From",)).wire() == b"HEADER.FIELDS (FROM)"
