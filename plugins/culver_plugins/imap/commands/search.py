"""SEARCH and UID SEARCH (RFC 3501 6.4.4, RFC 4731, RFC 5182, RFC 7162 3.1.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import UidSet, Wanted, closing, uids_to_array
from culver_plugins.imap.answer import Answer
from culver_plugins.imap.search_query import asks_modseq, to_query
from culver_plugins.imap.selected import Selected
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.search import Search

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("ESEARCH", "SEARCHRES", "WITHIN")


async def run(session: Session, command: Search) -> Answer:
    """Find, and answer in the form the client asked for."""
    selected = session.mailbox()
    with_modseq = asks_modseq(command.key)
    if with_modseq:
        session.enable_condstore()
    save = command.returns is not None and "SAVE" in command.returns
    try:
        query = to_query(command.key, selected)
        found = await selected.mailbox.search(selected.view, query, saved=selected.saved)
    except BaseException:
        if save:
            selected.saved = UidSet()  # RFC 5182 2.1: a SEARCH that fails leaves nothing
        raise
    modseq = await _highest(selected, found) if with_modseq and found else None
    if save:
        selected.saved = _to_save(command, found)
    _write(session, command, found, modseq)
    return Answer(b"Search completed.")


def _to_save(command: Search, found: UidSet) -> UidSet:
    """RFC 5182 2.4: with MIN or MAX alone, only those are saved."""
    options = (command.returns or frozenset()) - {"SAVE"}
    if not found or not options or options & {"ALL", "COUNT"}:
        return found
    ends = {"MIN": found.min(), "MAX": found.max()}
    return UidSet([ends[option] for option in options])


async def _highest(selected: Selected, found: UidSet) -> int:
    highest = 0
    async with closing(
        selected.mailbox.fetch(selected.view, found, Wanted(modseqs=True))
    ) as batches:
        async for batch in batches:
            if batch.modseqs is not None and len(batch.modseqs):
                highest = max(highest, int(batch.modseqs.max()))
    return highest


def _write(session: Session, command: Search, found: UidSet, modseq: int | None) -> None:
    # One session's set: numbers in the view's numbering, or UIDs.
    ids = found
    if not command.uid:
        ids = UidSet(session.mailbox().view.seqs_of(uids_to_array(found)))
    options = command.returns
    if options is None:
        session.write(responses.search(ids, modseq))
        return
    if options == frozenset({"SAVE"}):
        return
    # RFC 4731 3.1: MIN, MAX and ALL are left out when nothing was found.
    session.write(
        responses.esearch(
            session.tag,
            uid=command.uid,
            minimum=ids.min() if ids and "MIN" in options else None,
            maximum=ids.max() if ids and "MAX" in options else None,
            count=len(ids) if "COUNT" in options else None,
            found=ids if ids and "ALL" in options else None,
            modseq=modseq,
        )
    )
