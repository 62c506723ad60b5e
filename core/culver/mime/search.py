"""SEARCH inside a message (RFC 3501 6.4.4): HEADER, BODY and TEXT as substrings of decoded text.

Keys are Unicode text; both sides are compared by i;unicode-casemap, headers unfolded and with
encoded words decoded. Bodies that are no text are not searched.
"""

from collections.abc import Iterator

from culver.mime.casemap import casemap
from culver.mime.crlf import Buffer
from culver.mime.decode import body_text
from culver.mime.encoded_words import decode_rfc2047
from culver.mime.headers import fields
from culver.mime.part import TEXT, Part


def header_contains(buf: Buffer, part: Part, name: bytes, key: str) -> bool:
    """HEADER: whether a field `name` (any case) of the part's header contains `key`.

    An empty key asks only whether there is such a field.
    """
    name, wanted = name.lower(), casemap(key)
    return any(
        not wanted or wanted in casemap(decode_rfc2047(field.value))
        for field in fields(buf, part.header_start, part.body_start)
        if field.name.lower() == name
    )


def body_contains(buf: Buffer, root: Part, key: str) -> bool:
    """BODY: whether the body contains `key`: texts of all parts, and headers of inner messages."""
    wanted = casemap(key)
    return not wanted or any(wanted in text for text in _body_texts(buf, root))


def text_contains(buf: Buffer, root: Part, key: str) -> bool:
    """TEXT: whether the header or the body contains `key`."""
    wanted = casemap(key)
    if not wanted or wanted in _header_text(buf, root):
        return True
    return any(wanted in text for text in _body_texts(buf, root))


def _header_text(buf: Buffer, part: Part) -> str:
    """The header's fields on a line each, as keys."""
    return casemap(
        "\n".join(
            f"{field.name.decode('latin-1')}: {decode_rfc2047(field.value)}"
            for field in fields(buf, part.header_start, part.body_start)
        )
    )


def _body_texts(buf: Buffer, part: Part) -> Iterator[str]:
    """Keys of what BODY looks at, one part at a time, so that an early hit saves the rest."""
    if part.flags & TEXT:
        yield casemap(body_text(buf, part))
    for child in part.children:
        # The MIME header of a part has names of files, the header of a message its subject.
        yield _header_text(buf, child)
        yield from _body_texts(buf, child)
