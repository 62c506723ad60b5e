"""Cut an mbox into mails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from culver_plugins.mbox.entry import Span
from culver_plugins.mbox.fileview import FileView
from culver_plugins.mbox.fromline import LONGEST, FromLine, parse_from
from culver_plugins.mbox.metadata import content_length

_WINDOW: Final = 16 * 1024
"""Bytes of a header that are looked at first; most have 2 to 6 KiB."""

_EMPTY_LINE: Final = re.compile(rb"\n\r?\n")


class NotAnMbox(Exception):
    """The file doesn't begin with a ``From`` line where one is needed."""


def split(view: FileView, at: int = 0) -> Iterator[tuple[Span, bytes, FromLine]]:
    """The mails from the offset of a ``From`` line on: where, the header's bytes, the From line.

    A Content-Length is believed only if a From line or the end of the file is where it points to
    (inventory R4-028); so a body may have lines that look like one.

    Raises:
        NotAnMbox: there is something else at the offset.  Nothing else can go wrong: any bytes
            after a first From line are mails.
    """
    found = from_at(view, at)
    if found is None and at < view.size:
        raise NotAnMbox(f"offset {at}: no From line")
    while found is not None:
        line_end = view.find(b"\n", at, view.size)
        header = view.size if line_end < 0 else line_end + 1
        ends, body = header_end(view, header)
        text = view.read(header, ends)
        length = content_length(text)
        end, after = _trusted(view, body, length) if length is not None else (-1, -1)
        if end < 0:
            if from_at(view, body) is not None:
                # The empty line parts the mails; this one has no end of headers.
                body = ends
            end, after = _next(view, max(ends, header) - 1)
            body, ends = min(body, max(end, header)), min(ends, max(end, header))
            text = text[: ends - header]
        yield Span(at, header, ends, body, max(end, body)), text, found
        at = after
        found = from_at(view, at) if at < view.size else None


def from_at(view: FileView, at: int) -> FromLine | None:
    """The From line that begins at an offset."""
    if view.read(at, at + 5) != b"From ":
        return None
    return parse_from(view.read(at, min(at + LONGEST, view.size)).partition(b"\n")[0])


def header_end(view: FileView, header: int) -> tuple[int, int]:
    """Where header lines end and the body begins; a From line ends them too.

    ``header``: the offset behind the From line.
    """
    width = _WINDOW
    while True:
        window = view.read(header - 1, header - 1 + width)
        found = _EMPTY_LINE.search(window)
        limit = found.start() if found else len(window)
        stop = _from_within(view, header - 1, window, limit)
        if stop >= 0:
            return stop, stop
        if found:
            return header + found.start(), header - 1 + found.end()
        if header - 1 + len(window) >= view.size or len(window) < width:
            return view.size, view.size
        width *= 4


def _from_within(view: FileView, base: int, window: bytes, limit: int) -> int:
    at = window.find(b"\nFrom ", 0, limit)
    while at >= 0:
        if from_at(view, base + at + 1) is not None:
            return base + at + 1
        at = window.find(b"\nFrom ", at + 1, limit)
    return -1


def _trusted(view: FileView, body: int, length: int) -> tuple[int, int]:
    """End of the body and begin of the next mail, if the length is right; else (-1, -1)."""
    end = body + length
    if end >= view.size:
        return -1, -1
    rest = view.read(end, end + 7)
    skip = 1 if rest[:1] == b"\n" else 2 if rest[:2] == b"\r\n" else 0
    after = end + skip
    if skip and (after == view.size or from_at(view, after) is not None):
        return end, after
    return -1, -1


def _next(view: FileView, at: int) -> tuple[int, int]:
    """The same by looking for the next From line.  The last line end of the file is no text."""
    found = view.find(b"\nFrom ", at, view.size)
    while found >= 0:
        if from_at(view, found + 1) is not None:
            return _without_cr(view, found), found + 1
        found = view.find(b"\nFrom ", found + 1, view.size)
    if view.read(view.size - 1, view.size) == b"\n":
        return _without_cr(view, view.size - 1), view.size
    return view.size, view.size


def _without_cr(view: FileView, at: int) -> int:
    return at - 1 if at and view.read(at - 1, at) == b"\r" else at
