"""LSUB (RFC 3501 6.3.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import MailboxInfo, list_matches
from culver_plugins.imap.answer import Answer
from culver_plugins.imap.commands.list import root_line
from culver_plugins.imap.listing import patterns_of
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.lsub import Lsub

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Lsub) -> Answer:
    """Tell subscribed names; with ``%`` also unsubscribed parents of them, as \\Noselect."""
    if not command.pattern:
        session.write(root_line(session, b"LSUB"))
        return Answer(b"Lsub completed.")
    patterns = patterns_of(command.reference, (command.pattern,))
    names: dict[str, tuple[str, list[bytes]]] = {}
    for info in await session.mail_user().mailboxes():
        if info.subscribed:
            _add(names, info, patterns, parents="%" in command.pattern)
    for name, (separator, words) in sorted(names.items()):
        session.write(responses.list_line(words, separator, name, command=b"LSUB"))
    return Answer(b"Lsub completed.")


def _add(
    names: dict[str, tuple[str, list[bytes]]],
    info: MailboxInfo,
    patterns: tuple[str, ...],
    *,
    parents: bool,
) -> None:
    if list_matches(patterns, info.name, info.separator):
        names[info.name] = (info.separator, [])
        return
    name = info.name
    while parents and (cut := name.rfind(info.separator)) > 0:
        name = name[:cut]
        if list_matches(patterns, name, info.separator):
            names.setdefault(name, (info.separator, [b"\\Noselect"]))
