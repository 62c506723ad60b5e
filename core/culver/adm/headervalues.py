"""Header fields as ``fetch hdr.NAME`` prints them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from culver.mime.address import parse_addresses
from culver.mime.decode import body_text
from culver.mime.encoded_words import decode_rfc2047
from culver.mime.headers import fields
from culver.mime.part import TEXT

if TYPE_CHECKING:
    from culver.mail.newmail import Buffer
    from culver.mime.part import Part


def header_value(raw: bytes, filter: str) -> str:
    """The values of fields, a value a line.

    Args:
        raw: the fields as they stand in the header.
        filter: a key of FILTERS.
    """
    return FILTERS[filter]([field.value for field in fields(raw, 0, len(raw))])


def _as_is(values: list[bytes]) -> str:
    return b"\n".join(values).decode("utf-8", "surrogateescape")


def _utf8(values: list[bytes]) -> str:
    return "\n".join(map(decode_rfc2047, values))


def _addresses(values: list[bytes]) -> str:
    return "\n".join(
        _text(address.mailbox) + ("@" + _text(address.domain) if address.domain is not None else "")
        for address in parse_addresses(b"\n".join(values))
    )


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "surrogateescape")


def _names(values: list[bytes], decode: Callable[[bytes], str]) -> str:
    return "\n".join(decode(a.name or b"") for a in parse_addresses(b"\n".join(values)))


FILTERS: Final[dict[str, Callable[[list[bytes]], str]]] = {
    "": _as_is,
    "utf8": _utf8,
    "address": _addresses,
    "address_name": partial(_names, decode=_text),
    "address_name.utf8": partial(_names, decode=decode_rfc2047),
}
"""What may follow ``hdr.NAME.``."""


def utf8_text(buf: Buffer, root: Part) -> bytes:
    """The mail with header values and texts decoded, LF as line end (``text.utf8``)."""
    return "".join(_utf8_parts(buf, root)).encode("utf-8", "surrogateescape")


def _utf8_parts(buf: Buffer, part: Part) -> Iterator[str]:
    for field in fields(buf, part.header_start, part.body_start):
        yield f"{_text(field.name)}: {decode_rfc2047(field.value)}\n"
    yield "\n"
    for child in part.children:
        yield from _utf8_parts(buf, child)
    if part.flags & TEXT and not part.children:
        yield body_text(buf, part)
