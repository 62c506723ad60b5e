"""A query as a tree that still knows of mailboxes; :mod:`culver.adm.query.resolve` makes of it
what one mailbox can be asked."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from culver.mail import query as q


class InMailbox(msgspec.Struct, frozen=True):
    """MAILBOX: the mailbox's full name, ``*`` and ``%`` as in LIST."""

    pattern: str

    @property
    def wild(self) -> bool:
        """It may match more than one mailbox."""
        return "*" in self.pattern or "%" in self.pattern


class InMailboxGuid(msgspec.Struct, frozen=True):
    """MAILBOX-GUID: 32 hex digits."""

    guid: str


class Moment(msgspec.Struct, frozen=True):
    """A date compare on a moment, seconds since 1970, where q.Date compares whole days."""

    which: Literal["received", "sent", "saved"]
    op: Literal["before", "on", "since"]
    time: int


class AllOf(msgspec.Struct, frozen=True):
    """All of the terms."""

    terms: tuple[Term, ...]


class AnyOf(msgspec.Struct, frozen=True):
    """Any of the terms."""

    terms: tuple[Term, ...]


class Negated(msgspec.Struct, frozen=True):
    """What the term does not match."""

    term: Term


Term: TypeAlias = InMailbox | InMailboxGuid | Moment | AllOf | AnyOf | Negated | q.Query


class SearchQuery(msgspec.Struct, frozen=True):
    """A whole query."""

    term: Term
    oldest_only: bool = False
    """OLDESTONLY: stop at the first message of a mailbox that does not match."""
