"""FETCH and UID FETCH (RFC 3501 6.4.5, RFC 3516, RFC 7162 3.1.4, RFC 8514, RFC 8970)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import closing, mime_decode
from culver_plugins.imap.answer import Answer, mistake, no
from culver_plugins.imap.fetch_plan import Plan
from culver_plugins.imap.fetch_rows import write_rows
from culver_plugins.imap.resync import changed_since, write_vanished
from culver_plugins.imap.wire.fetch import Fetch

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("BINARY", "OBJECTID", "PREVIEW", "PREVIEW=FUZZY", "SAVEDATE", "SNIPPET=FUZZY")


async def run(session: Session, command: Fetch) -> Answer:
    """Tell what was asked for, batch by batch."""
    selected = session.mailbox()
    if not command.uid and selected.beyond(command.ids):
        return mistake("Invalid messageset")
    if command.changed_since is not None or "MODSEQ" in command.items:
        session.enable_condstore()
    if command.vanished and not session.qresync:
        return mistake("QRESYNC not enabled.")
    plan = Plan(
        command.items,
        read_only=selected.view.read_only,
        modseqs=session.condstore,
        uid=command.uid,
        changed_since=command.changed_since is not None,
    )
    uids = selected.uids(command.ids, uid=command.uid)
    if command.vanished:
        write_vanished(session, selected, command.ids)
    if command.changed_since is not None:
        uids = await changed_since(selected, uids, command.changed_since)
    vanished = False
    try:
        async with closing(selected.mailbox.fetch(selected.view, uids, plan.wanted)) as batches:
            async for batch in batches:
                vanished |= bool(batch.vanished)
                await write_rows(session, selected, plan, batch)
                await session.flush_if_full()
    except mime_decode.UnknownEncodingError:
        return no("Unknown Content-Transfer-Encoding.", "UNKNOWN-CTE")
    if vanished and not command.uid:
        # Dovecot says so too; the numbers are told at the next sync that may (RFC 2180 4.1).
        return Answer(b"Some of the requested messages no longer exist.", b"EXPUNGEISSUED", b"OK")
    return Answer(b"Fetch completed.")
