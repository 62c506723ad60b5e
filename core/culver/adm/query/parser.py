"""doveadm-search-query(7): the words of the command line as a tree (inventory R10-006).

The keys are those of IMAP SEARCH (RFC 3501 6.4.4) and Dovecot's own.  Other than in IMAP, OR
stands between two keys, and one OR makes all keys of its parentheses alternatives.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Final, Literal

from culver.adm.errors import AdmError
from culver.adm.query.term import (
    AllOf,
    AnyOf,
    InMailbox,
    InMailboxGuid,
    Moment,
    Negated,
    SearchQuery,
    Term,
)
from culver.adm.query.times import parse_moment, parse_size
from culver.mail import flags
from culver.mail import query as q
from culver.mail.uids import STAR, Ranges

_MAX_DEPTH: Final = 100
_RANGE: Final = re.compile(r"(\d+|\*)(?::(\d+|\*))?", re.ASCII)
_Which = Literal["received", "sent", "saved"]
_Op = Literal["before", "on", "since"]


def parse_query(words: Sequence[str], now: Callable[[], float] = time.time) -> SearchQuery:
    """The query that words of a command line are.  Raises AdmError.

    ``now`` gives seconds since 1970, where intervals end.
    """
    reader = _Reader(words, int(now()))
    term = reader.keys()
    if reader.left:
        raise AdmError("Unexpected ')'")
    return SearchQuery(term, reader.oldest_only)


def parse_set(text: str, what: str) -> Ranges:
    """``1:100,*``.  Raises AdmError, naming ``what``."""
    found: list[tuple[int, int]] = []
    for item in text.split(","):
        match = _RANGE.fullmatch(item)
        if match is None:
            raise AdmError(f"Invalid {what}: {text} (allowed: numbers and ranges as 1:100,*)")
        ends = [STAR if end == "*" else int(end) for end in (match[1], match[2] or match[1])]
        if not all(0 < end <= STAR for end in ends):
            raise AdmError(f"Invalid {what}: {text} (allowed: numbers from 1 to {STAR})")
        found.append((min(ends), max(ends)))
    return tuple(found)


class _Reader:
    def __init__(self, words: Sequence[str], now: int) -> None:
        self.left = list(reversed(words))
        self.now = now
        self.oldest_only = False
        self._depth = 0

    def keys(self) -> Term:
        """Keys up to a closing parenthesis or the end."""
        terms: list[Term] = []
        alternatives = False
        while self.left and self.left[-1] != ")":
            if self.left[-1].upper() == "OR":
                self.left.pop()
                alternatives = True
            terms.append(self.key())
        if not terms:
            raise AdmError("Missing search key: empty parentheses or query")
        return AnyOf(tuple(terms)) if alternatives else AllOf(tuple(terms))

    def key(self) -> Term:
        if not self.left or self.left[-1] == ")":
            raise AdmError("Missing parameter for search key")
        word = self.left.pop()
        if word == "(":
            return self._nested()
        reader = _KEYS.get(word.upper())
        if reader is not None:
            return reader(self)
        if word[:1] == "*" or word[:1].isdigit():
            return q.Seqs(parse_set(word, "messageset"))
        raise AdmError(f"Unknown argument {word}")

    def _nested(self) -> Term:
        self._deeper()
        term = self.keys()
        if not self.left:
            raise AdmError("Missing ')'")
        self.left.pop()
        self._depth -= 1
        return term

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise AdmError(f"Too many nested search keys (allowed: {_MAX_DEPTH})")

    def negated(self) -> Term:
        self._deeper()
        term = Negated(self.key())
        self._depth -= 1
        return term

    def text(self) -> str:
        if not self.left:
            raise AdmError("Missing parameter for search key")
        return self.left.pop()

    def number(self, what: str) -> int:
        text = self.text()
        if not (text.isascii() and text.isdigit()):
            raise AdmError(f"Invalid {what}: {text} (allowed: a number)")
        return int(text)


def _date(which: _Which, op: _Op, reader: _Reader) -> Term:
    when = parse_moment(reader.text(), reader.now)
    if isinstance(when, date):
        return q.Date(which, op, when.toordinal())
    return Moment(which, op, when)


def _size(op: Literal["larger", "smaller"], reader: _Reader) -> Term:
    return q.Size(op, parse_size(reader.text()))


def _age(op: Literal["older", "younger"], reader: _Reader) -> Term:
    seconds = reader.number("search interval parameter")
    if seconds == 0:
        raise AdmError("Invalid search interval parameter: 0 (allowed: seconds above 0)")
    return q.Age(op, seconds)


def _oldest_only(reader: _Reader) -> Term:
    reader.oldest_only = True
    return q.All()


def _modseq(reader: _Reader) -> Term:
    if reader.left and reader.left[-1].lower().startswith("/flags/"):
        reader.left.pop()
        scope = reader.text()
        if scope.lower() not in ("all", "priv", "shared"):
            raise AdmError(f"Invalid MODSEQ type: {scope} (allowed: all, priv, shared)")
    return q.Modseq(reader.number("MODSEQ value"))


def _header(reader: _Reader) -> Term:
    name = reader.text()
    return q.Header(name.lower(), reader.text())


def _field(name: str, reader: _Reader) -> Term:
    return q.Header(name, reader.text())


def _fixed(term: Term) -> Callable[[_Reader], Term]:
    return lambda reader: term


def _flag_keys() -> dict[str, Callable[[_Reader], Term]]:
    keys: dict[str, Callable[[_Reader], Term]] = {}
    for name in ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN"):
        bit = q.Flags(getattr(flags, name))
        keys[name], keys[f"UN{name}"] = _fixed(bit), _fixed(q.Not(bit))
    return keys


def _date_keys() -> dict[str, Callable[[_Reader], Term]]:
    prefixes: tuple[tuple[str, _Which], ...] = (
        ("", "received"),
        ("SENT", "sent"),
        ("SAVED", "saved"),
        ("X-SAVED", "saved"),
    )
    ops: tuple[_Op, ...] = ("before", "on", "since")
    return {f"{p}{op.upper()}": partial(_date, which, op) for p, which in prefixes for op in ops}


_RECENT: Final = q.Flags(flags.RECENT)

_KEYS: Final[dict[str, Callable[[_Reader], Term]]] = {
    **_flag_keys(),
    **_date_keys(),
    "ALL": _fixed(q.All()),
    "BCC": partial(_field, "bcc"),
    "BODY": lambda reader: q.Body(reader.text()),
    "CC": partial(_field, "cc"),
    "FROM": partial(_field, "from"),
    # Without an index that can, approximate is exact.
    "FUZZY": lambda reader: reader.key(),
    "GUID": lambda reader: q.Guid(reader.text()),
    "HEADER": _header,
    "KEYWORD": lambda reader: q.Keyword(reader.text()),
    "LARGER": partial(_size, "larger"),
    "MAILBOX": lambda reader: InMailbox(reader.text()),
    "MAILBOX-GUID": lambda reader: InMailboxGuid(reader.text()),
    "MODSEQ": _modseq,
    "NEW": _fixed(q.And((_RECENT, q.Not(q.Flags(flags.SEEN))))),
    "NIL": _fixed(q.Not(q.All())),
    "NOT": lambda reader: reader.negated(),
    "OLD": _fixed(q.Not(_RECENT)),
    "OLDER": partial(_age, "older"),
    "OLDESTONLY": _oldest_only,
    "RECENT": _fixed(_RECENT),
    "SAVEDATESUPPORTED": _fixed(q.All()),
    "SMALLER": partial(_size, "smaller"),
    "SUBJECT": partial(_field, "subject"),
    "TEXT": lambda reader: q.Text(reader.text()),
    "TO": partial(_field, "to"),
    "UID": lambda reader: q.Uids(parse_set(reader.text(), "UID messageset")),
    "UNKEYWORD": lambda reader: q.Not(q.Keyword(reader.text())),
    "X-GUID": lambda reader: q.Guid(reader.text()),
    "X-MAILBOX": lambda reader: InMailbox(reader.text()),
    "X-REAL-UID": lambda reader: q.Uids(parse_set(reader.text(), "X-REAL-UID messageset")),
    "YOUNGER": partial(_age, "younger"),
}
