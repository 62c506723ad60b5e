"""Compute what Dovecot's cache fields hold (inventory R4-069) from a mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from culver.mail.newmail import Buffer
from culver.mime.bodystructure import body, bodystructure
from culver.mime.date import parse_date
from culver.mime.envelope import envelope
from culver.mime.headers import first, select_fields
from culver.mime.parse import parse_message
from culver.mime.part import Part
from culver.mime.preview import preview
from culver.mime.serialize import dump_parts

STRUCTURES: Final[dict[str, Callable[[Buffer, Part], bytes]]] = {
    "imap.envelope": envelope,
    "imap.body": body,
    "imap.bodystructure": bodystructure,
    "mime.parts": lambda _, root: dump_parts(root),
    # The first octet is the version of the algorithm (inventory R5-017).
    "body.snippet": lambda buf, root: b"1" + preview(buf, root).encode(),
    "date.sent": lambda buf, root: sent_date(buf, root),
}
"""Field -> what computes it.  ``hdr.<name>`` is not here: there is one for every header."""

AT_DELIVERY: Final = ("imap.envelope", "imap.bodystructure")
"""Computed while a mail is saved, since nearly every client asks for them."""


def is_field(name: str) -> bool:
    """Whether :func:`compute` knows the field."""
    return name in STRUCTURES or name.startswith("hdr.")


def compute(buf: Buffer, names: Iterable[str], root: Part | None = None) -> dict[str, bytes]:
    """The fields of a mail, parsed once.

    ``hdr.<name>`` is all fields of that name with CRLF and without a final empty line, empty
    when there is none.  ``date.sent`` is decimal: seconds, a blank, the zone in minutes; empty
    when there is no date.
    """
    root = root or parse_message(buf)
    return {name: _compute_one(buf, root, name) for name in names}


def _compute_one(buf: Buffer, root: Part, name: str) -> bytes:
    known = STRUCTURES.get(name)
    if known is not None:
        return known(buf, root)
    return select_fields(buf, root, [name[4:].encode()]).removesuffix(b"\r\n")


def sent_date(buf: Buffer, root: Part) -> bytes:
    """The Date header as ``compute`` gives it."""
    value = first(buf, root, b"date")
    parsed = None if value is None else parse_date(value)
    return b"" if parsed is None else b"%d %d" % parsed
