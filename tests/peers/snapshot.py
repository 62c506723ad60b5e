"""Everything about a user's mail that has to outlive a change of servers."""

import hashlib
import imaplib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from tests.peers.imap_reply import ok
from tests.peers.server import Server

_LIST = re.compile(rb'\(([^)]*)\) "?(.)"? (.*)')
_HEAD = re.compile(rb'UID (\d+)|INTERNALDATE "([^"]*)"|FLAGS \(([^)]*)\)')


@dataclass(frozen=True, slots=True)
class MailState:
    """One mail."""

    flags: frozenset[str]
    r"""Flags and keywords, without \Recent: that one belongs to a session."""
    internal_date: str
    digest: str
    """SHA-256 of the mail as the network sees it."""


@dataclass(frozen=True, slots=True)
class MailboxState:
    """One mailbox; RFC 3501 2.3.1.1 demands that UIDVALIDITY and UIDs last."""

    uid_validity: int
    uid_next: int
    mails: dict[int, MailState]


@dataclass(frozen=True, slots=True)
class StoreState:
    """All of a user's mail."""

    mailboxes: dict[str, MailboxState]
    subscriptions: frozenset[str]


def take_snapshot(server: Server, user: str) -> StoreState:
    """Read all mailboxes over IMAP without changing a flag."""
    client = server.imap(user)
    try:
        names = _names(ok(client.list()))
        subscribed = frozenset(_names(ok(client.lsub())))
        return StoreState({name: _mailbox(client, name) for name in sorted(names)}, subscribed)
    finally:
        client.logout()


def _names(lines: list[bytes]) -> list[str]:
    matches = [_LIST.match(line) for line in lines if line]
    return [
        match[3].decode().strip('"')
        for match in matches
        if match and b"\\noselect" not in match[1].lower()
    ]


def _mailbox(client: imaplib.IMAP4, name: str) -> MailboxState:
    (status,) = ok(client.status(f'"{name}"', "(UIDVALIDITY UIDNEXT MESSAGES)"))
    found = dict(re.findall(rb"(UIDVALIDITY|UIDNEXT|MESSAGES) (\d+)", status))
    ok(client.select(f'"{name}"', readonly=True))
    mails = _mails(client) if int(found[b"MESSAGES"]) else {}
    assert len(mails) == int(found[b"MESSAGES"]), f"{name}: STATUS and FETCH disagree"
    return MailboxState(int(found[b"UIDVALIDITY"]), int(found[b"UIDNEXT"]), mails)


def _mails(client: imaplib.IMAP4) -> dict[int, MailState]:
    _, data = client.fetch("1:*", "(UID FLAGS INTERNALDATE BODY.PEEK[])")
    return dict(parse_fetch(data))


def parse_fetch(data: Sequence[object]) -> Iterator[tuple[int, MailState]]:
    """UIDs and mails of what imaplib makes of FETCH: a tuple up to the literal, then the rest.

    A server may answer the items in any order, so that each side of the literal may hold some.
    """
    for part, rest in zip(data, [*data[1:], b""], strict=True):
        if isinstance(part, tuple):
            before, body = cast("tuple[bytes, bytes]", part)
            yield _mail(before + (rest if isinstance(rest, bytes) else b""), body)


def _mail(items: bytes, body: bytes) -> tuple[int, MailState]:
    uid, date, flags = (b"".join(column) for column in zip(*_HEAD.findall(items), strict=True))
    words = frozenset(flags.decode().split()) - {"\\Recent"}
    return int(uid), MailState(words, date.decode(), hashlib.sha256(body).hexdigest())
