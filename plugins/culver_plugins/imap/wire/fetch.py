"""The FETCH command (RFC 3501 6.4.5) with BINARY, CONDSTORE, QRESYNC and PREVIEW."""

import re
from typing import Final, Literal, Self

from msgspec import Struct

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.section import Section, section, section_part
from culver_plugins.imap.wire.sequence import Ranges

PLAIN_ITEMS: Final = frozenset({
    "BODY", "BODYSTRUCTURE", "EMAILID", "ENVELOPE", "FLAGS", "INTERNALDATE", "MODSEQ", "RFC822",
    "RFC822.HEADER", "RFC822.SIZE", "RFC822.TEXT", "SAVEDATE", "THREADID", "UID",
    # Dovecot's own:
    "X-GUID", "X-MAILBOX", "X-REAL-UID", "X-SAVEDATE",
})  # fmt: skip
"""Items without brackets; BODY among them is the structure, not the text."""

MACROS: Final = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}

Kind = Literal["BODY", "BINARY", "BINARY.SIZE"]

_PARTIAL: Final = re.compile(rb"<([0-9]{1,10})\.([0-9]{1,10})>")
_NAME: Final = re.compile(rb"[A-Za-z0-9.-]++")


class BodyPart(Struct, frozen=True):
    """An item with brackets: `BODY[1.MIME]<0.100>`, `BINARY.PEEK[2]`, `BINARY.SIZE[2]`.

    `partial` is the first octet and how many. BINARY sections are part numbers only.
    """

    section: Section
    kind: Kind = "BODY"
    peek: bool = False
    partial: tuple[int, int] | None = None


class Preview(Struct, frozen=True):
    """PREVIEW (RFC 8970), or SNIPPET, the draft it grew out of. `lazy`: only if it is at hand.

    `fuzzy`: the client named the algorithm, as that draft had it, and the answer does too.
    """

    snippet: bool = False
    lazy: bool = False
    fuzzy: bool = False


FetchItem = str | BodyPart | Preview


class Fetch(Command, frozen=True):
    """Ask for data of messages; `ids` are UIDs when `uid` is set, and then UID is the first item.

    Macros are expanded, each item occurs once. `changed_since` leaves out messages whose modseq is
    not above it; `vanished` asks for those expunged since then (RFC 7162 3.2.6).
    """

    ids: Ranges
    items: tuple[FetchItem, ...]
    uid: bool = False
    changed_since: int | None = None
    vanished: bool = False

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP sequence-set SP items [SP "(" modifiers ")"]`."""
        return cls._parse(lexer, uid=False)

    @classmethod
    def parse_uid(cls, lexer: Lexer) -> Self:
        """Read the same behind UID."""
        return cls._parse(lexer, uid=True)

    @classmethod
    def _parse(cls, lexer: Lexer, *, uid: bool) -> Self:
        lexer.sp()
        ids = lexer.sequence_set()
        lexer.sp()
        items = _items(lexer)
        if uid:
            items = ("UID", *items)
        changed_since, vanished = _modifiers(lexer, uid) if lexer.opt_sp() else (None, False)
        return cls(ids, tuple(dict.fromkeys(items)), uid, changed_since, vanished)


def _items(lexer: Lexer) -> tuple[FetchItem, ...]:
    if lexer.next_is(b"("):
        return tuple(lexer.list_of(lambda: _item(lexer), empty=False))
    macro = MACROS.get(lexer.peek_keyword())
    if macro is not None:
        lexer.keyword()
        return macro
    return (_item(lexer),)


def _item(lexer: Lexer) -> FetchItem:
    start = lexer.position
    name = lexer.take(_NAME, "fetch item").upper().decode("ascii")
    item: FetchItem | None
    if lexer.next_is(b"["):
        item = _bracketed(lexer, name)
    else:
        item = name if name in PLAIN_ITEMS else _preview(lexer, name)
    if item is None:
        lexer.position = start
        lexer.fail("fetch item", name[:32])
    return item


def _bracketed(lexer: Lexer, name: str) -> BodyPart | None:
    if name in ("BODY", "BODY.PEEK"):
        where = section(lexer)
        return BodyPart(where, "BODY", name != "BODY", _partial(lexer))
    if name in ("BINARY", "BINARY.PEEK"):
        part = Section(_binary_part(lexer))
        return BodyPart(part, "BINARY", name != "BINARY", _partial(lexer))
    if name == "BINARY.SIZE":
        return BodyPart(Section(_binary_part(lexer)), "BINARY.SIZE", peek=True)
    return None


def _binary_part(lexer: Lexer) -> tuple[int, ...]:
    lexer.expect(b"[")
    part = section_part(lexer)
    lexer.expect(b"]")
    return part


def _partial(lexer: Lexer) -> tuple[int, int] | None:
    if not lexer.next_is(b"<"):
        return None
    first, size = lexer.take(_PARTIAL, "'<first.size>'")[1:-1].split(b".")
    if int(size) == 0 or int(first) > 0xFFFFFFFF or int(size) > 0xFFFFFFFF:
        lexer.fail("partial of 1 to 4294967295 octets", "another")
    return int(first), int(size)


def _preview(lexer: Lexer, name: str) -> Preview | None:
    if name not in ("PREVIEW", "SNIPPET"):
        return None
    modifiers: list[str] = []
    position = lexer.position
    if lexer.opt_sp() and lexer.next_is(b"("):
        modifiers = lexer.list_of(lambda: _modifier(lexer))
    else:
        lexer.position = position
    lazy = any(each.startswith("LAZY") for each in modifiers)
    fuzzy = name == "SNIPPET" or any(each.endswith("FUZZY") for each in modifiers)
    return Preview(name == "SNIPPET", lazy, fuzzy)


def _modifier(lexer: Lexer) -> str:
    name = lexer.keyword("LAZY")
    if name not in ("LAZY", "LAZY=FUZZY", "FUZZY"):
        lexer.fail("LAZY or FUZZY", "another modifier")
    return name


def _modifiers(lexer: Lexer, uid: bool) -> tuple[int | None, bool]:
    changed_since: int | None = None
    vanished = False

    def modifier() -> None:
        nonlocal changed_since, vanished
        name = lexer.keyword("CHANGEDSINCE")
        if name == "CHANGEDSINCE":
            lexer.sp()
            changed_since = lexer.number64("modseq")
        elif name == "VANISHED" and uid:
            vanished = True
        else:
            lexer.fail("CHANGEDSINCE, or VANISHED with UID FETCH", "another modifier")

    lexer.list_of(modifier, empty=False)
    if vanished and changed_since is None:
        lexer.fail("CHANGEDSINCE with VANISHED", "none")
    return changed_since, vanished
