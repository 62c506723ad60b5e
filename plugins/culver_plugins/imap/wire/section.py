"""The section of a BODY[...] item (RFC 3501 6.4.5 and 9 `section`)."""

import re
from typing import Final

from msgspec import Struct

from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.quoting import astring

# A message nested deeper than this is nobody's mail; the MIME parser has its own, lower limit.
_PART: Final = re.compile(rb"[1-9][0-9]{0,8}(?:\.[1-9][0-9]{0,8}){0,99}+(?![0-9])")
_TEXTS: Final = frozenset({"HEADER", "TEXT", "MIME", "HEADER.FIELDS", "HEADER.FIELDS.NOT"})


class Section(Struct, frozen=True):
    """What is between the brackets.

    `part` is the path of part numbers, counted from 1; `text` is empty or one of HEADER, TEXT,
    MIME, HEADER.FIELDS, HEADER.FIELDS.NOT; `fields` are header names as the client spelt them, for
    the last two only.
    """

    part: tuple[int, ...] = ()
    text: str = ""
    fields: tuple[bytes, ...] = ()

    def wire(self) -> bytes:
        """Return the section as it stands between the brackets of the answer.

        Field names come back in upper case, as Dovecot sends them and clients know it.
        """
        words = [str(number).encode() for number in self.part]
        if self.text:
            words.append(self.text.encode())
        dotted = b".".join(words)
        if not self.fields:
            return dotted
        return dotted + b" (" + b" ".join(astring(field.upper()) for field in self.fields) + b")"


def section(lexer: Lexer) -> Section:
    """Read `"[" [section-spec] "]"`."""
    lexer.expect(b"[")
    part = section_part(lexer)
    if lexer.accept(b"]"):
        return Section(part)
    if part:
        lexer.expect(b".")
    text = _text(lexer, part)
    fields: tuple[bytes, ...] = ()
    if text.startswith("HEADER.FIELDS"):
        lexer.sp()
        fields = tuple(lexer.list_of(lambda: lexer.astring("header name"), empty=False))
    lexer.expect(b"]")
    return Section(part, text, fields)


def section_part(lexer: Lexer) -> tuple[int, ...]:
    """Read `section-part`, which may be missing."""
    if not lexer.peek_keyword()[:1].isdigit():
        return ()
    return tuple(map(int, lexer.take(_PART, "part number").split(b".")))


def _text(lexer: Lexer, part: tuple[int, ...]) -> str:
    start = lexer.position
    text = lexer.keyword("section")
    # MIME is a part's own header; the message as a whole has HEADER instead.
    if text not in _TEXTS or (text == "MIME" and not part):
        lexer.position = start
        lexer.fail("section such as HEADER or TEXT", text[:32])
    return text
