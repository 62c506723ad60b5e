"""Header fields with their places in the message (RFC 5322 2.2)."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from culver.mime.crlf import Buffer, to_crlf
from culver.mime.encoded_words import decode_rfc2047, unfold
from culver.mime.part import Part

__all__ = ["Field", "decode_rfc2047", "fields", "first", "header_end", "select_fields", "unfold"]

MAX_NAME = 1000
"""A longer name is taken for text (RFC 5322 2.1.1 has 998 characters a line; Dovecot: 1000)."""

_WINDOW = 4096

# A field is a line and the lines after it that begin with white space; a line without a colon is
# a field without a name. The name may have white space before its colon (obsolete syntax).
_FIELD_RE = re.compile(rb"([^\n]*)(?:\n[ \t][^\n]*)*\n?")


class Field(NamedTuple):
    """A header field. `raw` is all of it, line ends included; `start` its offset in the buffer."""

    name: bytes
    value: bytes
    """from the first byte that is no white space behind the colon; folds with LF, no end"""
    raw: bytes
    start: int


def header_end(buf: Buffer, start: int = 0, end: int | None = None) -> int:
    """The offset behind the header that begins at `start`, its empty line included."""
    end = len(buf) if end is None else end
    if buf[start : start + 2] == b"\r\n" and end - start >= 2:
        return start + 2
    if buf[start : start + 1] == b"\n" and start < end:
        return start + 1
    at, window = start, _WINDOW
    while at < end:
        # In windows, since in a mail with CRLF a search for LF LF would run on through the body.
        stop = min(at + window, end)
        lf = buf.find(b"\n\n", at, stop)
        crlf = buf.find(b"\n\r\n", at, stop if lf < 0 else lf + 2)
        if crlf >= 0:
            return crlf + 3
        if lf >= 0:
            return lf + 2
        at, window = max(stop - 2, at + 1) if stop < end else end, window * 4
    return end


def fields(buf: Buffer, start: int, end: int) -> Iterator[Field]:
    """The fields of the header buf[start:end], in order; the empty line is none of them."""
    header = buf[start:end]
    at = 0
    while at < len(header):
        found = _FIELD_RE.match(header, at)
        assert found is not None  # the pattern matches any line
        raw = found[0]
        if raw in (b"\n", b"\r\n"):
            return
        yield _field(raw, start + at)
        at = found.end()


def _field(raw: bytes, start: int) -> Field:
    line, colon, _ = raw.partition(b"\n")[0].partition(b":")
    name = line.rstrip(b" \t")
    if not colon or len(name) > MAX_NAME:
        return Field(b"", field_value(raw), raw, start)
    return Field(name, field_value(raw[len(line) + 1 :]), raw, start)


def field_value(text: bytes) -> bytes:
    """What is behind the colon, without the white space there and with plain LF folds.

    White space alone on the first line loses only its first byte: Dovecot keeps the rest.
    """
    line, fold, more = text.partition(b"\n")
    line = line[:-1] if fold and line.endswith(b"\r") else line
    value = line.lstrip(b" \t") or line[1:]
    if not more:
        return value
    rest = more.replace(b"\r\n", b"\n") if b"\r" in more else more
    return value + b"\n" + (rest[:-1] if rest.endswith(b"\n") else rest)


def first(buf: Buffer, part: Part, name: bytes) -> bytes | None:
    """The value of the part's first field called `name` (any case), or None."""
    name = name.lower()
    for field in fields(buf, part.header_start, part.body_start):
        if field.name.lower() == name:
            return field.value
    return None


def select_fields(buf: Buffer, part: Part, names: Collection[bytes], negate: bool = False) -> bytes:
    """HEADER.FIELDS or, with `negate`, HEADER.FIELDS.NOT (RFC 3501 6.4.5), with CRLF line ends.

    The fields keep their order and their bytes, and the empty line comes last. It is added where
    the header has none, save for HEADER.FIELDS.NOT, which Dovecot leaves as it finds it.
    """
    wanted = {name.lower() for name in names}
    header = buf[part.header_start : part.body_start]
    text = to_crlf(
        b"".join(
            field.raw
            for field in fields(header, 0, len(header))
            if (field.name.lower() in wanted) is not negate
        )
    )
    if _ends_with_empty_line(header):
        return text + b"\r\n"
    if negate:
        return text
    return text + (b"\r\n" if not text or text.endswith(b"\n") else b"\r\n\r\n")


def _ends_with_empty_line(header: bytes) -> bool:
    return header in (b"\n", b"\r\n") or header.endswith((b"\n\n", b"\n\r\n"))
