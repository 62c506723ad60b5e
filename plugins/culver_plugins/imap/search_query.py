"""A SEARCH as the client wrote it, as the query that the engine runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from culver.plugin import query
from culver_plugins.imap.object_id import guid_of
from culver_plugins.imap.wire import query as keys
from culver_plugins.imap.wire import sequence
from culver_plugins.imap.wire.query import Key

if TYPE_CHECKING:
    from culver_plugins.imap.selected import Selected

Query = query.Query

NOTHING = query.Not(query.All())


def to_query(key: Key, selected: Selected) -> Query:
    """The same condition for the engine; ``*`` is resolved with the session's view."""
    return _CONVERSIONS[type(key)](key, selected)


def asks_modseq(key: Key) -> bool:
    """Whether MODSEQ is part of the search: then its answer tells the highest one."""
    if isinstance(key, keys.Modseq):
        return True
    if isinstance(key, keys.And):
        return any(asks_modseq(each) for each in key.keys)
    if isinstance(key, keys.Or):
        return asks_modseq(key.left) or asks_modseq(key.right)
    if isinstance(key, keys.Not | keys.Fuzzy):
        return asks_modseq(key.key)
    return False


def _uids(key: keys.UidSet, selected: Selected) -> Query:
    if key.ids == sequence.SAVED_RESULT:
        return query.SavedResult()
    largest = int(selected.view.uids[-1]) if len(selected.view) else 0
    return query.Uids(sequence.resolve(key.ids, largest))


def _seqs(key: keys.SeqSet, selected: Selected) -> Query:
    if key.ids == sequence.SAVED_RESULT:
        return query.SavedResult()
    return query.Seqs(sequence.resolve(key.ids, len(selected.view)))


def _guid(key: keys.EmailId) -> Query:
    guid = guid_of(key.identifier)
    return NOTHING if guid is None else query.Guid(guid)


def _date(
    which: Literal["received", "sent", "saved"], op: Literal["before", "on", "since"]
) -> Callable[[Any, Selected], Query]:
    def convert(key: Any, _: Selected) -> Query:
        day: date = key.day
        return query.Date(which, op, day.toordinal())

    return convert


_CONVERSIONS: dict[type[Key], Callable[[Any, Selected], Query]] = {
    keys.All: lambda key, at: query.All(),
    keys.Nothing: lambda key, at: NOTHING,
    keys.And: lambda key, at: query.And(tuple(to_query(each, at) for each in key.keys)),
    keys.Or: lambda key, at: query.Or((to_query(key.left, at), to_query(key.right, at))),
    keys.Not: lambda key, at: query.Not(to_query(key.key, at)),
    # Without an index that can, approximate is exact.
    keys.Fuzzy: lambda key, at: to_query(key.key, at),
    keys.FlagKey: lambda key, at: query.Flags(key.bit),
    keys.KeywordKey: lambda key, at: query.Keyword(key.name),
    keys.SeqSet: _seqs,
    keys.UidSet: _uids,
    keys.RealUid: _uids,
    keys.Before: _date("received", "before"),
    keys.On: _date("received", "on"),
    keys.Since: _date("received", "since"),
    keys.SentBefore: _date("sent", "before"),
    keys.SentOn: _date("sent", "on"),
    keys.SentSince: _date("sent", "since"),
    keys.SavedBefore: _date("saved", "before"),
    keys.SavedOn: _date("saved", "on"),
    keys.SavedSince: _date("saved", "since"),
    keys.SaveDateSupported: lambda key, at: query.All(),
    keys.Larger: lambda key, at: query.Size("larger", key.octets),
    keys.Smaller: lambda key, at: query.Size("smaller", key.octets),
    keys.Older: lambda key, at: query.Age("older", key.seconds),
    keys.Younger: lambda key, at: query.Age("younger", key.seconds),
    keys.Header: lambda key, at: query.Header(key.name, key.value),
    keys.Body: lambda key, at: query.Body(key.text),
    keys.Text: lambda key, at: query.Text(key.text),
    keys.Modseq: lambda key, at: query.Modseq(key.value),
    keys.Guid: lambda key, at: query.Guid(key.guid),
    keys.EmailId: lambda key, at: _guid(key),
    # There are none: THREADID is NIL of every message.
    keys.ThreadId: lambda key, at: NOTHING,
    keys.InMailbox: lambda key, at: query.All() if key.mailbox == at.mailbox.name else NOTHING,
}
