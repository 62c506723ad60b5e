"""Make a sound dbox file out of a broken one: what can be found of every message is kept.

Unlike a sound file, which is walked by its sizes, a broken one is searched for the magic of
headers and metadata; a header whose size leads to a metadata block is believed, so that a body
which holds magic of its own (a mail about dbox, a compressed one) is not cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from culver.mail.newmail import Buffer
from culver.mime.crlf import virtual_size
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.fileheader import FileHeader, decode_file_header, encode_file_header
from culver_plugins.dbox.messageheader import HEADER_SIZE, PRE, encode_message_header
from culver_plugins.dbox.metadata import (
    GUID,
    PHYSICAL_SIZE,
    POST,
    VIRTUAL_SIZE,
    Metadata,
    read_lines,
)
from culver_plugins.dbox.record import read_record

_MAGIC: Final = re.compile(rb"(?<=\n)\x01\x02N |\n\x01\x03\n")
_GARBAGE: Final = 256
"""Bytes without a header that are not taken for a mail: what is left of a broken header."""

_Found = tuple[bytes, Metadata]


def fixed(data: Buffer, created: int, new_guid: Callable[[], str]) -> Iterator[bytes]:
    """The pieces of a sound file with every message that can be found, whole or in part.

    A message at the end that was cut off before its metadata was never acknowledged to anybody;
    it is left out, and stays readable in the copy of the broken file that the caller keeps.
    """
    try:
        header = decode_file_header(data)
    except DboxCorrupted:
        header = FileHeader(created)
    yield encode_file_header(header.created or created)
    for body, metadata in messages(data, header):
        yield encode_message_header(len(body))
        yield body
        yield _mended(metadata, body, new_guid).encode()


def messages(data: Buffer, header: FileHeader) -> Iterator[_Found]:
    """The stored body and the metadata of every message that can be found."""
    at = header.size
    while at < len(data):
        try:
            record = read_record(data, at, header)
        except DboxCorrupted:
            found, at = _salvage(data, at)
            if found is not None:
                yield found
        else:
            yield record.stored(data), record.metadata
            at = record.end


def _salvage(data: Buffer, at: int) -> tuple[_Found | None, int]:
    """What can be made of a broken message at ``at``, and where to go on."""
    begins = data[at : at + len(PRE)] == PRE
    body = _body_start(data, at) if begins else at
    magic = _MAGIC.search(data, max(body - 1, at + 1))
    if magic is None:
        return None, len(data)
    # The LF before a header may be the last one of the body's header, no body between them.
    end = max(magic.start(), body)
    if magic[0] == POST:
        metadata, after, is_whole = read_lines(data, magic.end())
        if not is_whole and _MAGIC.search(data, after - 1) is None:
            return None, len(data)
        return (data[body:end], metadata), after
    if end - body < (1 if begins else _GARBAGE):
        return None, magic.start()
    return (data[body:end], Metadata()), magic.start()


def _body_start(data: Buffer, at: int) -> int:
    """Where a broken header ends: after an LF near its place, else after its magic."""
    line = data.find(b"\n", at, at + HEADER_SIZE + 16)
    return at + len(PRE) if line < 0 else line + 1


def _mended(metadata: Metadata, body: bytes, new_guid: Callable[[], str]) -> Metadata:
    lines = metadata.lines
    if metadata.get(PHYSICAL_SIZE) is None:
        # The body may be another one than it was; of a transformed one the size is not known.
        lines = tuple(line for line in lines if line[:1] != VIRTUAL_SIZE)
        lines += (b"%s%x" % (VIRTUAL_SIZE, virtual_size(body)),)
    if not metadata.guid:
        lines += (GUID + new_guid().encode(),)
    return Metadata(lines)
