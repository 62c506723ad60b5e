"""A query as one mailbox is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from culver.adm.query.mailboxes import fits
from culver.adm.query.term import AllOf, AnyOf, InMailbox, InMailboxGuid, Moment, Negated, Term
from culver.mail import query as q
from culver.mail.columns import Wanted
from culver.mail.uids import UidSet, uids_to_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from culver.adm.query.term import SearchQuery
    from culver.mail.mailbox import Mailbox
    from culver.mail.view import View

_NOTHING: Final = q.Not(q.All())
_DAY: Final = 86400


class Place:
    """An open mailbox that a query is run on."""

    def __init__(self, box: Mailbox, view: View, separator: str) -> None:
        self.box = box
        self.view = view
        self.separator = separator

    async def search(self, query: SearchQuery) -> UidSet:
        """The UIDs that match."""
        found = await self.box.search(self.view, await self.resolve(query.term))
        if not query.oldest_only:
            return found
        matching = np.isin(self.view.uids, uids_to_array(found))
        first_other = len(matching) if matching.all() else int(matching.argmin())
        return UidSet(self.view.uids[:first_other])

    async def first_saved(self) -> str:
        """When the oldest message came into the mailbox, seconds since 1970; ``never`` without
        messages."""
        saved: list[int] = []
        async for batch in self.box.fetch(
            self.view, UidSet(self.view.uids[:1]), Wanted(saved=True)
        ):
            saved += [] if batch.saved is None else batch.saved.tolist()
        return str(saved[0]) if saved else "never"

    async def resolve(self, term: Term) -> q.Query:
        """The same condition, for this mailbox."""
        match term:
            case AllOf():
                return q.And(tuple([await self.resolve(each) for each in term.terms]))
            case AnyOf():
                return q.Or(tuple([await self.resolve(each) for each in term.terms]))
            case Negated():
                return q.Not(await self.resolve(term.term))
            case InMailbox():
                return q.All() if fits(term, self.box.name, self.separator) else _NOTHING
            case InMailboxGuid():
                guid = (await self.box.status()).guid
                return q.All() if guid == term.guid.lower() else _NOTHING
            case Moment():
                return await self._moment(term)
            case _:
                return term

    async def _moment(self, moment: Moment) -> q.Query:
        uids = UidSet()
        wanted = Wanted(
            received=moment.which == "received",
            saved=moment.which == "saved",
            cached=("date.sent",) if moment.which == "sent" else (),
        )
        async for batch in self.box.fetch(self.view, UidSet(self.view.uids), wanted):
            if moment.which == "sent":
                times = _sent(batch.cached["date.sent"])
            else:
                column = batch.received if moment.which == "received" else batch.saved
                assert column is not None, "it was wanted"
                times = column
            uids |= UidSet(batch.uids[_holds(moment, times)])
        return q.Uids(tuple((uid, uid) for uid in uids)) if uids else _NOTHING


def _sent(values: list[bytes]) -> NDArray[np.int64]:
    """Seconds since 1970; a mail without a date has 0, as in Dovecot."""
    return np.array([int(value.split()[0]) if value else 0 for value in values], np.int64)


def _holds(moment: Moment, times: NDArray[np.int64]) -> NDArray[np.bool_]:
    if moment.op == "before":
        return times < moment.time
    since = times >= moment.time
    return since if moment.op == "since" else since & (times < moment.time + _DAY)
