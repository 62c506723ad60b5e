"""Attachments that Dovecot keeps apart (mail_attachment_dir), put back into their mail (R4-046).

The mail lies in its file without the attachments' text; the metadata line ``X`` tells where each
belongs: ``<offset> <bytes> <options> <path>``, offsets and bytes of the whole mail.  An
attachment that was base64 in the mail lies decoded; the options tell how its lines were broken.
Single-instance storage (``sis posix``) hard-links equal files, which reading does not notice.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Final

import msgspec

from culver_plugins.dbox.errors import DboxCorrupted

_OPTIONS: Final = re.compile(r"-|(C)?(?:B(\d+))?(C)?")


class ExtRef(msgspec.Struct, frozen=True):
    """One attachment, offset and size in bytes of the whole mail."""

    offset: int
    size: int
    line: int
    """Characters of base64 in a line; 0: the attachment is in the mail as it lies on the disk."""
    crlf: bool
    path: str


def parse_ext_refs(value: str) -> tuple[ExtRef, ...]:
    """The attachments of a metadata value, in their order.  Raises :class:`DboxCorrupted`."""
    words = value.split(" ")
    if len(words) % 4:
        raise DboxCorrupted(f"ext refs of {len(words)} words: allowed are fours", 0)
    refs: list[ExtRef] = []
    end = 0
    for offset, size, options, path in zip(*[iter(words)] * 4, strict=True):
        found = _OPTIONS.fullmatch(options)
        if not (offset.isdecimal() and size.isdecimal() and found) or int(offset) < end:
            raise DboxCorrupted(f"ext ref {offset} {size} {options}: allowed is ascending", 0)
        if ".." in path.split("/"):
            raise DboxCorrupted("ext ref path: allowed is one below mail_attachment_dir", 0)
        line = int(found[2] or 0) // 4 * 4
        refs.append(ExtRef(int(offset), int(size), line, bool(found[1] or found[3]), path))
        end = int(offset) + int(size)
    return tuple(refs)


def join_attachments(
    stored: bytes, refs: tuple[ExtRef, ...], read: Callable[[str], bytes]
) -> bytes:
    """The whole mail.

    Args:
        stored: the mail without its attachments.
        refs: where they belong.
        read: gives the file of an attachment by ``ExtRef.path``.

    Raises :class:`DboxCorrupted` when an attachment has another size than the mail says.
    """
    pieces: list[bytes] = []
    at = taken = 0
    for ref in refs:
        pieces.append(stored[taken : taken + ref.offset - at])
        taken += ref.offset - at
        text = _encoded(read(ref.path), ref)
        if len(text) < ref.size:
            raise DboxCorrupted(f"attachment of {len(text)} bytes: allowed are {ref.size}", at)
        pieces.append(text[: ref.size])
        at = ref.offset + ref.size
    return b"".join((*pieces, stored[taken:]))


def _encoded(data: bytes, ref: ExtRef) -> bytes:
    if not ref.line:
        return data
    text = base64.b64encode(data)
    lines = [text[at : at + ref.line] for at in range(0, len(text), ref.line)]
    end = b"\r\n" if ref.crlf else b"\n"
    return end.join(lines) + end
