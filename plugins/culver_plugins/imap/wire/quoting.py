"""Strings on their way out: atom, quoted or literal (RFC 3501 4.3)."""

import re
from typing import Final

from culver_plugins.imap.wire import mutf7

_ASTRING: Final = re.compile(rb'[^\x00-\x20(){%*"\\\x7f-\xff]++')
# A quoted string holds neither line ends nor NUL, and 8-bit octets only after UTF8=ACCEPT.
_QUOTABLE: Final = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\x7f]*+")
_ESCAPED: Final = re.compile(rb'(["\\])')


def quoted(text: bytes) -> bytes:
    """Return a quoted string. Raises ValueError when only a literal can hold the text."""
    if not _QUOTABLE.fullmatch(text):
        raise ValueError("text with CR, LF, NUL or 8-bit octets can't be quoted")
    return b'"' + (_ESCAPED.sub(rb"\\\1", text) if b'"' in text or b"\\" in text else text) + b'"'


def literal(data: bytes) -> bytes:
    """Return a literal: `{n}` CRLF and the octets. NUL needs `literal8`."""
    return b"{%d}\r\n%b" % (len(data), data)


def literal8(data: bytes) -> bytes:
    """Return a literal that may hold NUL (RFC 3516)."""
    return b"~{%d}\r\n%b" % (len(data), data)


def string(text: bytes) -> bytes:
    """Return `string`: quoted where possible, else a literal."""
    return quoted(text) if _QUOTABLE.fullmatch(text) else literal(text)


def nstring(text: bytes | None) -> bytes:
    """Return `nstring`: NIL for None."""
    return b"NIL" if text is None else string(text)


def astring(text: bytes) -> bytes:
    """Return `astring`: bare where possible; never a bare NIL, which would mean something else."""
    if _ASTRING.fullmatch(text) and text.upper() != b"NIL":
        return text
    return string(text)


def mailbox(name: str) -> bytes:
    """Return a mailbox name in modified UTF-7 as `astring`. Raises ValueError as `mutf7.encode`."""
    return astring(mutf7.encode(name))
