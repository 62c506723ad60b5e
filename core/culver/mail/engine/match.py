"""Search keys that need a mail's header or body: a predicate over one mail at a time."""

from __future__ import annotations

from functools import cached_property
from typing import Final, Protocol

from culver.mail import query as q
from culver.mail.engine.fields import sent_date
from culver.mail.newmail import Buffer
from culver.mail.uids import UidSet
from culver.mime.parse import parse_message
from culver.mime.part import Part
from culver.mime.search import body_contains, header_contains, text_contains

COLUMNS: Final = 1
HEADERS: Final = 2
BODIES: Final = 3

_EPOCH_DAY: Final = 719163
"""Ordinal of 1970-01-01."""


def cost(query: q.Query) -> int:
    """What the dearest key in it needs: COLUMNS, HEADERS or BODIES."""
    match query:
        case q.And() | q.Or():
            return max((cost(key) for key in query.keys), default=COLUMNS)
        case q.Not():
            return cost(query.key)
        case q.Header() | q.Date(which="sent"):
            return HEADERS
        case q.Body() | q.Text():
            return BODIES
        case _:
            return COLUMNS


def headers_in(query: q.Query) -> tuple[str, ...]:
    """The cache fields that an expression of cost HEADERS reads."""
    match query:
        case q.And() | q.Or():
            return tuple(dict.fromkeys(name for key in query.keys for name in headers_in(key)))
        case q.Not():
            return headers_in(query.key)
        case q.Header():
            return (f"hdr.{query.name.lower()}",)
        case q.Date(which="sent"):
            return ("date.sent",)
        case _:
            return ()


class Mail(Protocol):
    """What the predicate asks of a mail."""

    uid: int

    def header_has(self, name: str, value: str) -> bool:
        """Whether a field of that name holds the value."""
        ...

    def sent(self) -> bytes:
        """The cache field date.sent."""
        ...

    def body_has(self, value: str) -> bool:
        """Whether a text of the body holds the value."""
        ...

    def text_has(self, value: str) -> bool:
        """Whether header or body hold the value."""
        ...


class CachedMail:
    """Only what an expression of cost HEADERS reads."""

    def __init__(self, uid: int, fields: dict[str, bytes | None]) -> None:
        self.uid = uid
        self._fields = fields

    def header_has(self, name: str, value: str) -> bool:
        header = self._fields.get(f"hdr.{name.lower()}")
        if not header:
            return False
        root = Part(header_size=len(header))
        return header_contains(header, root, name.encode(), value)

    def sent(self) -> bytes:
        return self._fields.get("date.sent") or b""

    def body_has(self, value: str) -> bool:
        raise ValueError("the body was not read")

    def text_has(self, value: str) -> bool:
        raise ValueError("the body was not read")


class WholeMail:
    """A mail that was read, parsed when the first key asks."""

    def __init__(self, uid: int, buffer: Buffer) -> None:
        self.uid = uid
        self._buffer = buffer

    @cached_property
    def _root(self) -> Part:
        return parse_message(self._buffer)

    def header_has(self, name: str, value: str) -> bool:
        return header_contains(self._buffer, self._root, name.encode(), value)

    def sent(self) -> bytes:
        return sent_date(self._buffer, self._root)

    def body_has(self, value: str) -> bool:
        return body_contains(self._buffer, self._root, value)

    def text_has(self, value: str) -> bool:
        return text_contains(self._buffer, self._root, value)


def matches(query: q.Query, mail: Mail, known: dict[int, UidSet]) -> bool:
    """Whether the mail matches.  ``known`` has the answers to cheap keys, by identity."""
    answered = known.get(id(query))
    if answered is not None:
        return mail.uid in answered
    match query:
        case q.And():
            return all(matches(key, mail, known) for key in query.keys)
        case q.Or():
            return any(matches(key, mail, known) for key in query.keys)
        case q.Not():
            return not matches(query.key, mail, known)
        case q.Header():
            return mail.header_has(query.name, query.value)
        case q.Body():
            return mail.body_has(query.value)
        case q.Text():
            return mail.text_has(query.value)
        case q.Date():
            return _sent(query, mail.sent())
        case _:
            raise ValueError(f"a column's key was not answered before: {query!r}")


def _sent(query: q.Date, sent: bytes) -> bool:
    if not sent:
        return False
    seconds, zone = map(int, sent.split())
    # The day that the header names, whatever its zone.
    day = (seconds + zone * 60) // 86400 + _EPOCH_DAY
    if query.op == "before":
        return day < query.day
    return day >= query.day if query.op == "since" else day == query.day
