"""STORE and UID STORE (RFC 3501 6.4.6, RFC 7162 3.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import FlagChange, Stored, uids_to_array
from culver_plugins.imap.answer import Answer, mistake, no
from culver_plugins.imap.selected import Selected
from culver_plugins.imap.updates import send_flags
from culver_plugins.imap.wire import responses, sequence
from culver_plugins.imap.wire.flags import DELETED
from culver_plugins.imap.wire.store import Store

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Store) -> Answer:
    """Change flags, and tell the new ones unless the client is silent about it."""
    selected = session.mailbox()
    if selected.view.read_only:
        return no("Mailbox is read-only.", "READ-ONLY")
    if not command.uid and selected.beyond(command.ids):
        return mistake("Invalid messageset")
    if command.unchanged_since is not None:
        session.enable_condstore()
    uids = selected.uids(command.ids, uid=command.uid)
    stored = await selected.mailbox.store(selected.view, uids, _change(command))
    if command.flags.bits & DELETED and command.mode != "remove":
        session.counters.deleted += len(stored.changed)
    if not command.silent or session.condstore:
        # With CONDSTORE a silent client is still told the new MODSEQ (RFC 7162 3.1.3).
        await send_flags(session, selected, stored.changed, uid=command.uid)
    return _answer(selected, command, stored)


def _change(command: Store) -> FlagChange:
    return FlagChange(
        mode=command.mode,
        flags=command.flags.bits,
        keywords=command.flags.keywords,
        unchanged_since=command.unchanged_since,
    )


def _answer(selected: Selected, command: Store, stored: Stored) -> Answer:
    if not stored.modified:
        return Answer(b"Store completed.")
    if command.uid:
        ids = sequence.to_ranges(stored.modified)
    else:
        modified = uids_to_array(stored.modified)
        ids = sequence.to_ranges(selected.view.seqs_of(modified).tolist())
    return Answer(b"Conditional store failed.", responses.modified(ids))
