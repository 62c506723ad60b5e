"""The rows of LIST: what is on the disk, what the configuration adds, what is subscribed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from culver.errors import Refused
from culver.mail.mailbox import MailboxInfo
from culver.mail.namespace import Namespace
from culver.mail.storage import INBOX, MailboxPath


class _Row(msgspec.Struct):
    selectable: bool = False
    exists: bool = False
    subscribed: bool = False
    children: bool = False
    special_use: tuple[str, ...] = ()


async def list_mailboxes(namespaces: Sequence[Namespace]) -> list[MailboxInfo]:
    """See :meth:`culver.mail.user.MailUser.mailboxes`."""
    subscribed = await subscriptions(namespaces)
    infos: dict[str, MailboxInfo] = {}
    for namespace in namespaces:
        if namespace.list != "no":
            for info in await _list_one(namespace, subscribed):
                infos.setdefault(info.name, info)
    return sorted(infos.values(), key=_inbox_first)


def _inbox_first(info: MailboxInfo) -> tuple[bool, str]:
    return info.name != "INBOX", info.name


async def subscriptions(namespaces: Sequence[Namespace]) -> dict[str, bool]:
    """Full names; whether they are in a file (else only by ``auto = subscribe``)."""
    found: dict[str, bool] = {}
    for namespace in namespaces:
        for path, block in namespace.auto_mailboxes().items():
            if block.auto == "subscribe":
                found.setdefault(namespace.name_of(path), False)
        if namespace.subscriptions:
            for path in await namespace.format.mailboxes.subscriptions():
                found[namespace.name_of(path)] = True
    return found


async def _list_one(namespace: Namespace, subscribed: dict[str, bool]) -> list[MailboxInfo]:
    rows: dict[MailboxPath, _Row] = {}
    if namespace.inbox:
        rows[INBOX] = _Row(selectable=True, exists=True)
    for path in namespace.auto_mailboxes():
        rows[path] = _Row(selectable=True, exists=True)
    for box in await namespace.format.mailboxes.walk():
        if namespace.shows(box.path):
            row = rows.setdefault(box.path, _Row())
            row.selectable |= box.selectable
            row.exists = True
    _mark_subscribed(namespace, rows, subscribed)
    for path in list(rows):
        for depth in range(1, len(path)):
            parent = rows.setdefault(path[:depth], _Row())
            parent.children |= rows[path].exists
    for path, row in rows.items():
        block = namespace.block(path)
        row.special_use = tuple(block.special_use) if block else ()
    return [_info(namespace, path, row) for path, row in rows.items()]


def _mark_subscribed(
    namespace: Namespace, rows: dict[MailboxPath, _Row], subscribed: dict[str, bool]
) -> None:
    for name in subscribed:
        if name != "INBOX" and not name.startswith(namespace.prefix):
            continue
        try:
            path = namespace.path_of(name)
        except Refused:
            # A name that was subscribed long ago may not be one under today's separator.
            continue
        if path is not None:
            rows.setdefault(path, _Row()).subscribed = True


def _info(namespace: Namespace, path: MailboxPath, row: _Row) -> MailboxInfo:
    return MailboxInfo(
        name=namespace.name_of(path),
        separator=namespace.separator,
        selectable=row.selectable,
        exists=row.exists,
        children=row.children,
        subscribed=row.subscribed,
        special_use=row.special_use,
    )
