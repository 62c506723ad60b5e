"""BODY[section]<offset.size> (RFC 3501 6.4.5): which bytes, and how they are served.

A section is first parsed, once a command, then looked up in each message's tree. What comes out
is a `Slice` of the message, which knows its served size without conversion and gives its bytes
whole or in chunks; only selected header fields are put together in memory.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from culver.mime.crlf import Buffer, iter_crlf, physical_offset
from culver.mime.headers import select_fields
from culver.mime.part import MULTIPART, RFC822, Part

_SPEC_RE = re.compile(
    rb"([0-9]+(?:\.[0-9]+)*)?(?:(?<=[0-9])\.)?"
    rb"(?:(HEADER\.FIELDS(?:\.NOT)?) *\((.*)\)|(HEADER|TEXT|MIME))?",
    re.IGNORECASE | re.DOTALL,
)
_NAME_RE = re.compile(rb'"((?:[^"\\]|\\.)*)"|([^\s()"]+)', re.DOTALL)
_NO_NULS = bytes.maketrans(b"\0", b"\x80")


class Want(Enum):
    """The text specifier of a section."""

    ALL = b""
    HEADER = b"HEADER"
    FIELDS = b"HEADER.FIELDS"
    FIELDS_NOT = b"HEADER.FIELDS.NOT"
    TEXT = b"TEXT"
    MIME = b"MIME"


class Section(NamedTuple):
    """A parsed section: part numbers from the root down, what of that part, and field names."""

    path: tuple[int, ...] = ()
    want: Want = Want.ALL
    names: tuple[bytes, ...] = ()


class Slice(NamedTuple):
    """A run of bytes of a message to be served with CRLF. Offsets are those of the buffer."""

    start: int
    end: int
    size: int
    """the bytes as served"""

    @property
    def as_is(self) -> bool:
        """Whether the bytes need no conversion: every line ends with CRLF already."""
        return self.size == self.end - self.start


def parse_section(spec: bytes) -> Section:
    """Parse what stands between the brackets, for instance `1.2.HEADER.FIELDS (From To)`.

    Raises ValueError when it is none of RFC 3501's section texts.
    """
    found = _SPEC_RE.fullmatch(spec)
    if found is None or spec.endswith(b"."):
        raise ValueError(f"section {spec!r} is neither part numbers nor HEADER, TEXT or MIME")
    numbers, fields, listed, word = found.groups()
    path = tuple(min(int(n[:10]), 1 << 31) for n in numbers.split(b".")) if numbers else ()
    if numbers and (word or fields) and spec[len(numbers) : len(numbers) + 1] != b".":
        raise ValueError(f"section {spec!r} lacks a dot after the part number")
    want = Want((fields or word or b"").upper())
    if want is Want.MIME and not path:
        raise ValueError(f"section {spec!r}: MIME needs a part number")
    names = tuple(_names(listed or b""))
    if fields and not names:
        raise ValueError(f"section {spec!r} has no field names")
    return Section(path, want, names)


def _names(listed: bytes) -> Iterator[bytes]:
    for quoted, atom in _NAME_RE.findall(listed):
        yield re.sub(rb"\\(.)", rb"\1", quoted) if quoted else atom


def find_part(root: Part, path: tuple[int, ...]) -> Part | None:
    """The part with these numbers, or None. Number 1 of a single part is the part itself."""
    part = root
    for depth, number in enumerate(path):
        if part.flags & RFC822 and depth:
            part = part.children[0]
        if part.flags & MULTIPART:
            if not 1 <= number <= len(part.children):
                return None
            part = part.children[number - 1]
        elif number != 1 or (depth + 1 < len(path) and not part.flags & RFC822):
            return None
    return part


def locate(root: Part, section: Section) -> Slice | None:
    """The bytes of a section, or None when the message has no such part.

    HEADER.FIELDS and HEADER.FIELDS.NOT are not runs of bytes: see `section_bytes`. A HEADER or
    TEXT below the root exists only in message/rfc822 parts.
    """
    part = _owner(root, section)
    if part is None:
        return None
    match section.want:
        case Want.ALL if not section.path:
            return Slice(part.header_start, part.body_end, part.virtual_size)
        case Want.ALL | Want.TEXT:
            return Slice(part.body_start, part.body_end, part.body_virtual)
        case _:
            return Slice(part.header_start, part.body_start, part.header_virtual)


def _owner(root: Part, section: Section) -> Part | None:
    part = find_part(root, section.path)
    if part is None or not section.path or section.want in (Want.ALL, Want.MIME):
        return part
    return part.children[0] if part.flags & RFC822 else None


def section_bytes(
    buf: Buffer, root: Part, section: Section, offset: int = 0, size: int | None = None
) -> bytes:
    """The bytes of a section as served in a literal, or `size` of them from `offset` on.

    A part that does not exist is empty, as in Dovecot. NULs become 0x80: a literal has none.
    """
    if section.want in (Want.FIELDS, Want.FIELDS_NOT):
        part = _owner(root, section)
        if part is None:
            return b""
        text = select_fields(buf, part, section.names, section.want is Want.FIELDS_NOT)
        return _without_nuls(text[offset : None if size is None else offset + size])
    where = locate(root, section)
    return b"" if where is None else b"".join(slice_chunks(buf, where, offset, size))


def slice_size(where: Slice, offset: int = 0, size: int | None = None) -> int:
    """The length of the literal for a partial fetch of a slice."""
    left = max(where.size - offset, 0)
    return left if size is None else min(size, left)


def slice_chunks(
    buf: Buffer, where: Slice, offset: int = 0, size: int | None = None, chunk: int = 65536
) -> Iterator[bytes]:
    """The bytes of a slice as served, `slice_size` of them, in chunks; NULs become 0x80."""
    left = slice_size(where, offset, size)
    for piece in _converted(buf, where, offset, left, chunk):
        if left <= 0:
            return
        yield _without_nuls(piece[:left])
        left -= len(piece)


def _converted(buf: Buffer, where: Slice, offset: int, left: int, chunk: int) -> Iterator[bytes]:
    if left <= 0:
        return
    if where.as_is:
        start = where.start + offset
        for at in range(start, start + left, chunk):
            yield buf[at : min(at + chunk, start + left)]
        return
    start, cr_skipped = physical_offset(buf, where.start, where.end, offset)
    if cr_skipped or (start > where.start and buf[start] == 10 and buf[start - 1] == 13):
        yield b"\n"
        start += 1
    # Served bytes are never fewer than physical ones, so no more than `left` are looked at.
    yield from iter_crlf(buf, start, min(where.end, start + left), chunk)


def _without_nuls(text: bytes) -> bytes:
    return text.translate(_NO_NULS) if b"\0" in text else text
