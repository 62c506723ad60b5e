"""The mailboxes of an mbox store: walk, create, delete, rename, subscribe (R4-025, R4-034)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from culver.errors import Refused
from culver.mail.files import fsync_dir
from culver.mail.location import MailLocation
from culver.mail.storage import INBOX, ListedBox, MailboxList, MailboxPath
from culver_plugins.maildir.subscriptions import read_subscriptions, write_subscription
from culver_plugins.mbox.names import INDEX_DIR, Names
from culver_plugins.mbox.work import in_thread

_BESIDE: Final = ("dovecot.index", "dovecot.mailbox", "culver.rewrite")


class MboxList(MailboxList):
    """Files below one root.  A mailbox can have children only with DIRNAME=."""

    separator = "/"

    def __init__(self, location: MailLocation, *, sync: bool) -> None:
        self.names = Names(location)
        self._sync = sync
        filename = location.options.get("SUBSCRIPTIONS") or ".subscriptions"
        self._subscriptions = os.path.join(location.control, filename)

    async def walk(self) -> Sequence[ListedBox]:
        return await in_thread("list mailboxes", lambda: list(self._walk()))

    def _walk(self) -> Iterator[ListedBox]:
        if os.path.isfile(self.names.inbox):
            yield ListedBox(INBOX)
        with suppress(FileNotFoundError):
            yield from self._walk_below(self.names.root, ())

    def _walk_below(self, directory: str, above: MailboxPath) -> Iterator[ListedBox]:
        for entry in os.scandir(directory):
            if not self.names.is_mailbox(entry.name):
                continue
            path = (*above, self.names.read(entry.name))
            if entry.is_dir():
                holds = os.path.isfile(os.path.join(entry.path, self.names.dirname))
                yield ListedBox(path, selectable=bool(self.names.dirname) and holds)
                yield from self._walk_below(entry.path, path)
            elif self._is_other(entry.path) and path != INBOX and not self.names.dirname:
                yield ListedBox(path)

    def _is_other(self, file: str) -> bool:
        """Whether a file is a mailbox beside INBOX, which may lie among them."""
        return file not in (self.names.inbox, self._subscriptions) and os.path.isfile(file)

    async def exists(self, path: MailboxPath) -> bool:
        return await in_thread("look for a mailbox", partial(self._exists, path))

    def _exists(self, path: MailboxPath) -> bool:
        return os.path.isfile(self.names.file(path))

    async def create(self, path: MailboxPath, *, directory: bool = False) -> None:
        await in_thread("create a mailbox", partial(self._create, path, directory))

    def _create(self, path: MailboxPath, directory: bool) -> None:
        file = self.names.file(path)
        if directory and path != INBOX:
            _make_dirs(self.names.directory(path))
            return
        parent = os.path.dirname(file)
        _make_dirs(parent)
        if os.path.isdir(file):
            raise Refused("ALREADYEXISTS", "Mailbox already exists as a directory")
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            os.close(os.open(file, flags, 0o660 if path == INBOX else 0o600))
        except FileExistsError:
            raise Refused("ALREADYEXISTS", "Mailbox already exists") from None
        if self._sync:
            fsync_dir(parent)

    async def delete(self, path: MailboxPath) -> None:
        await in_thread("delete a mailbox", partial(self._delete, path))

    def _delete(self, path: MailboxPath) -> None:
        if path == INBOX:
            raise Refused("CANNOT", "INBOX can't be deleted")
        file, directory = self.names.file(path), self.names.directory(path)
        if os.path.isfile(file):
            os.unlink(file)
            for beside in (self.names.control(path), self.names.index(path)):
                _remove_beside(beside)
            if self.names.dirname:
                _remove_empty(directory)
        elif os.path.isdir(directory):
            if not _remove_empty(directory):
                raise Refused("CANNOT", "Mailbox has children, delete them first")
        else:
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")

    async def rename(self, old: MailboxPath, new: MailboxPath) -> None:
        await in_thread("rename a mailbox", partial(self._rename, old, new))

    def _rename(self, old: MailboxPath, new: MailboxPath) -> None:
        if new[: len(old)] == old:
            raise Refused("CANNOT", "Can't rename a mailbox to its own child")
        source, target = self.names.directory(old), self.names.directory(new)
        if not os.path.exists(source):
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")
        if os.path.exists(target):
            raise Refused("ALREADYEXISTS", "Target mailbox already exists")
        _make_dirs(os.path.dirname(target))
        os.rename(source, target)
        for place in {self.names.control, self.names.index}:
            if os.path.isdir(place(old)):
                with suppress(OSError):  # what is there is made again, or set aside
                    os.makedirs(os.path.dirname(place(new)), mode=0o700, exist_ok=True)
                    os.rename(place(old), place(new))

    async def subscriptions(self) -> frozenset[MailboxPath]:
        read = partial(read_subscriptions, self._subscriptions, self.separator)
        found = await in_thread("read subscriptions", read)
        return frozenset(tuple(map(self.names.read, name)) for name in found)

    async def subscribe(self, path: MailboxPath, subscribed: bool) -> None:
        await in_thread("write subscriptions", partial(self._subscribe, path, subscribed))

    def _subscribe(self, path: MailboxPath, subscribed: bool) -> None:
        _make_dirs(os.path.dirname(self._subscriptions))
        name = path if path == INBOX else tuple(map(self.names.spell, path))
        write_subscription(self._subscriptions, self.separator, name, subscribed, sync=self._sync)


def _make_dirs(directory: str) -> None:
    """Refused CANNOT where a mailbox's file is in the way."""
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise Refused("CANNOT", "Mailbox doesn't support inferior mailboxes") from None


def _remove_beside(directory: str) -> None:
    """Remove what is kept beside a mailbox, and nothing else: with DIRNAME= and INDEX= its children
    may be in the same directory."""
    with suppress(FileNotFoundError, NotADirectoryError):
        for name in os.listdir(directory):
            if name.startswith(_BESIDE):
                os.unlink(os.path.join(directory, name))
    with suppress(OSError):
        os.rmdir(directory)


def _remove_empty(directory: str) -> bool:
    """Remove a directory that holds no mailboxes; False when it does."""
    with suppress(FileNotFoundError):
        if set(os.listdir(directory)) - {INDEX_DIR}:
            return False
        shutil.rmtree(directory)
    return True
