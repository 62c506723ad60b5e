"""THREAD and UID THREAD (RFC 5256)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import uids_to_array
from culver_plugins.imap.answer import Answer
from culver_plugins.imap.finding import find
from culver_plugins.imap.threading import threads
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.thread import Thread

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("THREAD=ORDEREDSUBJECT", "THREAD=REFERENCES", "THREAD=REFS")


async def run(session: Session, command: Thread) -> Answer:
    """Find the messages and tell their threads."""
    selected = session.mailbox()
    found = await find(session, command.key)
    roots = await threads(selected, found, command.algorithm)
    numbers = None
    if not command.uid:
        array = uids_to_array(found)
        numbers = dict(zip(array.tolist(), selected.view.seqs_of(array).tolist(), strict=True))
    session.write(responses.threads(roots, numbers))
    return Answer(b"Thread completed.")
