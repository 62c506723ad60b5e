"""The GUID of a mail in an mbox: an MD5 of headers that no server changes (mbox_md5).

What goes into the sum is Dovecot's, so that both show the same GUID.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final, Literal

from culver_plugins.mbox.metadata import visible

_SUMMED: Final = (b"\ndate", b"\ndelivered-to", b"\nmessage-id", b"\nreceived", b"\nx-delivery-id")
_VALUE: Final = re.compile(rb"[ \t]*:([^\n]*)((?:\n[ \t][^\n]*)*)")

Method = Literal["apop3d", "all"]


def guid_of(header: bytes, method: Method = "apop3d") -> str:
    """128 bits in hex of header lines, metadata or not."""
    summed = hashlib.md5(usedforsecurity=False)
    for value in _all(header) if method == "all" else _chosen(header):
        summed.update(value)
    return summed.hexdigest()


def _chosen(header: bytes) -> list[bytes]:
    """Date and Message-ID count only before a Received, of those only the first."""
    lowered = b"\n" + header.lower()
    places: list[tuple[int, bytes]] = []
    for name in _SUMMED:
        at = lowered.find(name)
        while at >= 0:
            places.append((at, name))
            at = lowered.find(name, at + 1)
    values: list[bytes] = []
    received = False
    for at, name in sorted(places):
        found = _VALUE.match(header, at + len(name) - 1)
        if found is None or (received and name in (b"\ndate", b"\nmessage-id", b"\nreceived")):
            continue
        received |= name == b"\nreceived"
        values += _lines(found[1], found[2])
    return values


def _lines(first: bytes, folded: bytes) -> list[bytes]:
    return [_trim(first), *(line.removesuffix(b"\r") for line in folded.split(b"\n")[1:])]


def _trim(value: bytes) -> bytes:
    """Without the blank that follows the colon; more of them count."""
    value = value.removesuffix(b"\r")
    return value[1:] if value[:1] in (b" ", b"\t") else value


def _all(header: bytes) -> list[bytes]:
    values: list[bytes] = []
    for line in visible(header).splitlines():
        if line[:1] in (b" ", b"\t"):
            values.append(line)
        else:
            name, colon, value = line.partition(b":")
            values.append(_trim(value) if colon else name)
    return values
