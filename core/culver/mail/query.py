"""What SEARCH looks for, as a tree.

Built by protocols, evaluated by the engine: first what columns answer, then what the cache
answers, then what needs the mail itself.  Sequence numbers are resolved by the view that the
query is run on.  RFC 3501 6.4.4, RFC 5032 (WITHIN), RFC 7162 3.1.5 (MODSEQ).
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from culver.mail.uids import Ranges


class _Key(msgspec.Struct, frozen=True, tag=True):
    pass


class All(_Key, frozen=True):
    """Every message."""


class And(_Key, frozen=True):
    """All of the keys."""

    keys: tuple[Query, ...]


class Or(_Key, frozen=True):
    """Any of the keys."""

    keys: tuple[Query, ...]


class Not(_Key, frozen=True):
    """The messages that the key does not match."""

    key: Query


class Flags(_Key, frozen=True):
    """All of these system flags are set (bits of :mod:`culver.mail.flags`, RECENT included)."""

    flags: int


class Keyword(_Key, frozen=True):
    """The keyword is set; names compare without case."""

    name: str


class Uids(_Key, frozen=True):
    """UIDs in these ranges."""

    ranges: Ranges


class Seqs(_Key, frozen=True):
    """Sequence numbers of the view in these ranges."""

    ranges: Ranges


class SavedResult(_Key, frozen=True):
    """``$``: the set that the last SEARCH RETURN (SAVE) left (RFC 5182)."""


class Date(_Key, frozen=True):
    """A date compare on whole days, without regard to time and zone (RFC 3501 6.4.4).

    ``day`` is the ordinal of :meth:`datetime.date.toordinal`.
    """

    which: Literal["received", "sent", "saved"]
    op: Literal["before", "on", "since"]
    day: int


class Age(_Key, frozen=True):
    """OLDER and YOUNGER: ``seconds`` before now (RFC 5032)."""

    op: Literal["older", "younger"]
    seconds: int


class Size(_Key, frozen=True):
    """LARGER and SMALLER, strictly, on RFC822.SIZE in bytes."""

    op: Literal["larger", "smaller"]
    size: int


class Header(_Key, frozen=True):
    """The header field holds the value, decoded, without case; empty value: it exists."""

    name: str
    value: str


class Body(_Key, frozen=True):
    """A text part holds the value, decoded, without case."""

    value: str


class Text(_Key, frozen=True):
    """The header or a text part holds the value, decoded, without case."""

    value: str


class Modseq(_Key, frozen=True):
    """The modification sequence is at least this."""

    modseq: int


class Guid(_Key, frozen=True):
    """The message has this GUID (Dovecot's X-GUID)."""

    guid: str


Query: TypeAlias = (
    All
    | And
    | Or
    | Not
    | Flags
    | Keyword
    | Uids
    | Seqs
    | SavedResult
    | Date
    | Age
    | Size
    | Header
    | Body
    | Text
    | Modseq
    | Guid
)
