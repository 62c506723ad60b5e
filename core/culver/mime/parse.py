"""Find the parts of a message (RFC 2046 5.1) with byte offsets, in one pass.

The rules for broken mail are Dovecot's, since the sizes and part numbers end up in caches that
both servers read: a boundary line need only begin with a boundary, the longest one that fits
wins; the line end before it belongs to it; a boundary of an outer part ends all inner ones; a
part whose header runs into a boundary has no body.
"""

import re

from culver.mime.boundary import BoundaryLine, BoundaryStack
from culver.mime.crlf import Buffer, count_bare_lf, count_lf
from culver.mime.headers import field_value, header_end
from culver.mime.params import ContentType, parse_content_type
from culver.mime.part import DIGEST, HAS_NULS, IS_MIME, MULTIPART, OVERFLOW, RFC822, TEXT, Part

_COLON_RE = re.compile(rb"[ \t]*:")

MAX_NESTED_PARTS = 100
"""Deeper parts are not looked into (Dovecot: MESSAGE_PARSER_DEFAULT_MAX_NESTED_MIME_PARTS)."""

MAX_TOTAL_PARTS = 10_000
"""Once there are so many, boundaries are text (MESSAGE_PARSER_DEFAULT_MAX_TOTAL_MIME_PARTS)."""

MAX_BOUNDARY = 80
"""RFC 2046 5.1.1 has 70 bytes; the rest of a longer boundary is not compared."""


def parse_message(buf: Buffer) -> Part:
    """The part tree of a message. Never raises; time is linear in the size of `buf`.

    A mmap is copied once: `bytes.find` is a vector operation, `mmap.find` goes byte by byte.
    """
    return _Parser(buf if isinstance(buf, bytes) else buf[:]).parse()


class _Parser:
    """The open parts (the root first) and the place up to which the message has been read."""

    __slots__ = ("boundaries", "data", "open", "pos", "segments", "total")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.pos = 0
        self.total = 1
        self.open: list[Part] = [Part()]
        self.boundaries = BoundaryStack(data)
        # What belongs to a part's body and to none of its children, for lines and NULs.
        self.segments: list[tuple[Part, int, int]] = []

    def parse(self) -> Part:
        root = self.open[0]
        self._read_header(root)
        while (line := self._next_boundary()) is not None:
            self._end_parts(line)
            if line.child_starts:
                self._start_part(line.end, IS_MIME)
        self._take(len(self.data))
        while len(self.open) > 1:
            self._finish()
        root.body_size = len(self.data) - root.header_size
        _measure(self.data, root, self.segments)
        return root

    def _next_boundary(self) -> BoundaryLine | None:
        """The next boundary line that counts."""
        if self.total < MAX_TOTAL_PARTS:
            return self.boundaries.find(self.pos)
        if self.boundaries and self.boundaries.dashes_follow(self.pos):
            self.open[-1].flags |= OVERFLOW
        return None

    def _take(self, end: int) -> None:
        """Bytes up to `end` are body of the innermost open part."""
        if end > self.pos:
            self.segments.append((self.open[-1], self.pos, end))
            self.pos = end

    def _finish(self) -> None:
        part = self.open.pop()
        part.body_size = self.pos - part.header_start - part.header_size

    def _end_parts(self, line: BoundaryLine) -> None:
        """Close what is inside the part that `line` belongs to; the line is body of that part."""
        self._take(_before_line_end(self.data, self.pos, line.start))
        while len(self.open) > line.boundary.depth:
            self._finish()
        self.boundaries.close(line)
        self._take(line.end)

    def _start_part(self, start: int, flags: int = 0) -> None:
        part = Part(flags=flags, header_start=start)
        self.open[-1].children.append(part)
        self.open.append(part)
        self.total += 1
        self._read_header(part)

    def _read_header(self, part: Part) -> None:
        """Read the header at `pos` and open what it announces."""
        start = self.pos
        line = self._next_boundary()
        end = header_end(self.data, start, len(self.data) if line is None else line.start)
        part.content, mime = _content_of(self.data[start:end])
        part.flags |= self._kind(part.content, mime)
        self.pos = end
        if part.flags & MULTIPART and _ends_with_empty_line(self.data, start, end):
            self._open_multipart(part)
            line = line and self._next_boundary()
        if line is not None and line.start == end and line.boundary.depth < len(self.open):
            self._cut_header(part, line.start)
        else:
            part.header_size = end - start
            if part.flags & RFC822 and self._may_nest(part):
                self._start_part(end)

    def _cut_header(self, part: Part, line: int) -> None:
        """A boundary comes right behind the header, be that whole or not: there is no body.

        The last line end of the header, an empty line too, is body of the part outside.
        """
        end = _before_line_end(self.data, part.header_start, line)
        part.header_size = end - part.header_start
        self.pos = end
        if part.flags & RFC822 and self._may_nest(part):
            part.children.append(Part(flags=TEXT, header_start=end))
            self.total += 1
        self._finish()
        self._take(line)

    def _kind(self, content: ContentType | None, mime: bool) -> int:
        flags = IS_MIME if mime else 0
        if content is None:
            in_digest = len(self.open) > 1 and self.open[-2].flags & DIGEST
            return flags | (RFC822 if in_digest else TEXT)
        main = content.type.lower()
        if main == b"text":
            return flags | TEXT
        if main == b"multipart" and content.subtype:
            return flags | MULTIPART | (DIGEST if content.subtype.lower() == b"digest" else 0)
        if main == b"message" and content.subtype.lower() == b"rfc822":
            return flags | RFC822
        return flags

    def _open_multipart(self, part: Part) -> None:
        boundary = part.content.param(b"boundary") if part.content else None
        if boundary is None:
            return
        if len(self.open) >= MAX_NESTED_PARTS:
            part.flags = part.flags & ~MULTIPART | OVERFLOW
        else:
            self.boundaries.push(boundary[:MAX_BOUNDARY], len(self.open))

    def _may_nest(self, part: Part) -> bool:
        """Whether the message in a message/rfc822 part may be a part; if not, say so there."""
        if len(self.open) < MAX_NESTED_PARTS and self.total < MAX_TOTAL_PARTS:
            return True
        part.flags = part.flags & ~RFC822 | OVERFLOW
        return False


def _before_line_end(data: bytes, start: int, line: int) -> int:
    """The end of what stands before the line end that is before `line`, not before `start`."""
    if line - 1 < start:
        return line
    return line - 2 if line - 2 >= start and data[line - 2] == 13 else line - 1


def _ends_with_empty_line(data: bytes, start: int, end: int) -> bool:
    if data.endswith((b"\n\n", b"\n\r\n"), start, end):
        return True
    return data[start:end] in (b"\n", b"\r\n")


def _content_of(header: bytes) -> tuple[ContentType | None, bool]:
    """The header's first Content-Type, and whether it is a MIME header at all."""
    lowered = b"\n" + header.lower()
    at = _find_field(lowered, b"\ncontent-type")
    if at is None:
        return None, _find_field(lowered, b"\nmime-version") is not None
    end = at
    while True:  # over the folds
        end = header.find(b"\n", end) + 1
        if not end or header[end : end + 1] not in (b" ", b"\t"):
            break
    return parse_content_type(field_value(header[at : end or len(header)])), True


def _find_field(lowered: bytes, name: bytes) -> int | None:
    """The offset behind the colon of the field, counted without the leading line end."""
    at = lowered.find(name)
    while at >= 0:
        colon = _COLON_RE.match(lowered, at + len(name))
        if colon:
            return colon.end() - 1
        at = lowered.find(name, at + len(name))
    return None


def _measure(data: bytes, root: Part, segments: list[tuple[Part, int, int]]) -> None:
    """Fill in lines, virtual sizes and NULs, from the segments up."""
    has_cr, has_nul = b"\r" in data, b"\0" in data
    for part, start, end in segments:
        lines = count_lf(data, start, end)
        bare = count_bare_lf(data, start, end) if has_cr else lines
        part.body_lines += lines
        part.body_virtual += end - start + bare
        if has_nul and data.find(b"\0", start, end) >= 0:
            part.flags |= HAS_NULS
    _sum_up(data, root, has_nul)


def _sum_up(data: bytes, part: Part, has_nul: bool) -> None:
    start, end = part.header_start, part.body_start
    part.header_lines = count_lf(data, start, end)
    part.header_virtual = part.header_size + count_bare_lf(data, start, end)
    if has_nul and data.find(b"\0", start, end) >= 0:
        part.flags |= HAS_NULS
    for child in part.children:  # at most MAX_NESTED_PARTS deep
        _sum_up(data, child, has_nul)
        part.body_lines += child.header_lines + child.body_lines
        part.body_virtual += child.header_virtual + child.body_virtual
