"""Strings in IMAP answers: quoted, literal or NIL (RFC 3501 4.3), chosen as Dovecot does.

The choice shows in what clients get and in the caches imap.envelope and imap.bodystructure, so
it is the same byte for byte.
"""

import re

_MANY_ESCAPES = 4
"""With more quotes and backslashes than these a literal is the shorter form."""

_ONLY_LITERAL_RE = re.compile(rb"[\r\n\x80-\xff]")
_ESCAPE_RE = re.compile(rb'(["\\])')
_SPACE_RE = re.compile(rb"[ \t\r\n]+")
_PLAIN_RE = re.compile(rb'[^\0\r\n\t"\\\x80-\xff]*')
_FOLD_BEFORE_TEXT_RE = re.compile(rb"[\r\n](?=[^ \t\r\n])")
_LINE_END_RE = re.compile(rb"[\r\n]")


def literal(text: bytes) -> bytes:
    """`text` as a literal."""
    return b"{%d}\r\n%b" % (len(text), text)


def nstring(text: bytes | None) -> bytes:
    """`text` as a string, None as NIL."""
    if text is None:
        return b"NIL"
    escapes = text.count(b'"') + text.count(b"\\")
    if escapes > _MANY_ESCAPES or _ONLY_LITERAL_RE.search(text):
        return literal(text)
    return b'"%b"' % (_ESCAPE_RE.sub(rb"\\\1", text) if escapes else text)


def nstring_on_one_line(text: bytes | None) -> bytes:
    """`nstring` of the text without its folds, with a space where there would be none."""
    if text is not None and (b"\n" in text or b"\r" in text):
        text = _LINE_END_RE.sub(b"", _FOLD_BEFORE_TEXT_RE.sub(b" ", text))
    return nstring(text)


def human_string(text: bytes) -> bytes:
    """`text` for people to read (a subject, a name): one space for any white space, none outside.

    Any change, any quote and any 8-bit byte makes it a literal, in which a NUL becomes 0x80.
    """
    squeezed = _SPACE_RE.sub(b" ", text).strip(b" ")
    if squeezed == text and _PLAIN_RE.fullmatch(text):
        return b'"%b"' % text
    if not squeezed:
        return b'""'
    return literal(squeezed.replace(b"\0", b"\x80"))
