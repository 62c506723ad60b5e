"""ENVELOPE (RFC 3501 7.4.2): the ten fields, as sent and as kept in the cache imap.envelope."""

from collections.abc import Iterable

from culver.mime.address import Address, parse_addresses
from culver.mime.crlf import Buffer
from culver.mime.headers import Field, fields
from culver.mime.lexer import NUL_REPLACEMENT
from culver.mime.part import Part
from culver.mime.quote import human_string, nstring, nstring_on_one_line

ENVELOPE_FIELDS = (
    b"date", b"subject", b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc", b"in-reply-to",
    b"message-id",
)  # fmt: skip
"""The fields that an envelope is made of, lower case, in its order."""

_ADDRESSES = frozenset({b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc"})
_TEXTS = frozenset({b"date", b"subject", b"in-reply-to", b"message-id"})


def envelope(buf: Buffer, part: Part) -> bytes:
    """The inside of the parenthesised list for the message whose header is that of `part`.

    `part` is the root, or the child of a message/rfc822 part. The text is what Dovecot keeps in
    its cache; FETCH sends `ENVELOPE (` + text + `)`.
    """
    return envelope_of(fields(buf, part.header_start, part.body_start))


def envelope_of(header: Iterable[Field]) -> bytes:
    """`envelope` of fields, of which those that do not matter may have been left out.

    Several address fields of one name count as one list; of other fields the last one counts.
    """
    texts: dict[bytes, bytes] = {}
    lists: dict[bytes, list[Address]] = {}
    for field in header:
        name = field.name.lower()
        if name in _ADDRESSES:
            lists.setdefault(name, []).extend(parse_addresses(field.value))
        elif name in _TEXTS:
            texts[name] = field.value.replace(b"\0", NUL_REPLACEMENT)
    sender = addresses(lists.get(b"from"))
    subject = texts.get(b"subject")
    return b" ".join(
        (
            nstring_on_one_line(texts.get(b"date")),
            b"NIL" if subject is None else human_string(subject),
            sender,
            addresses(lists.get(b"sender")) if lists.get(b"sender") else sender,
            addresses(lists.get(b"reply-to")) if lists.get(b"reply-to") else sender,
            addresses(lists.get(b"to")),
            addresses(lists.get(b"cc")),
            addresses(lists.get(b"bcc")),
            nstring_on_one_line(texts.get(b"in-reply-to")),
            nstring_on_one_line(texts.get(b"message-id")),
        )
    )


def addresses(found: list[Address] | None) -> bytes:
    """An address list of ENVELOPE; NIL when there is none."""
    if not found:
        return b"NIL"
    return b"(%b)" % b"".join(
        b"(%b %b %b %b)"
        % (
            b"NIL" if item.name is None else human_string(item.name),
            nstring(item.route),
            nstring(item.mailbox),
            nstring(item.domain),
        )
        for item in found
    )
