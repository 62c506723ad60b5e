"""The mailboxes of a dbox store: walk, create, delete, rename, subscribe (R4-036).

``<root>/mailboxes/<name>/dbox-Mails`` holds a mailbox; a directory without ``dbox-Mails`` only
holds other mailboxes.  Index files and control files lie in trees of the same shape where INDEX=
and CONTROL= say so, mails of the alternative storage below ALT=.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol

from culver.errors import Refused
from culver.index.errors import IndexCorrupted, IndexMissing
from culver.index.mailboxlog import (
    CREATE_DIR,
    DELETE_DIR,
    DELETE_MAILBOX,
    RENAME,
    SUBSCRIBE,
    UNSUBSCRIBE,
    MailboxEvent,
    append_event,
)
from culver.mail.engine.threads import in_thread
from culver.mail.location import MailLocation
from culver.mail.storage import INBOX, ListedBox, MailboxList, MailboxPath
from culver_plugins.dbox.names import Names
from culver_plugins.maildir.permissions import make_dir, permissions_of
from culver_plugins.maildir.subscriptions import read_subscriptions, write_subscription


class BoxFiles(Protocol):
    """What a format does to the files of a mailbox while the list creates or deletes it."""

    def create_index(self, path: MailboxPath) -> bytes:
        """Make the index of a mailbox whose directory was just made.  Returns its GUID."""
        ...

    def empty(self, path: MailboxPath) -> bytes:
        """Let go of what the mailbox's mails take elsewhere.  Returns its GUID."""
        ...


class DboxList(MailboxList):
    """The tree of mailboxes below one root."""

    separator = "/"

    def __init__(self, location: MailLocation, files: BoxFiles, *, sync: bool) -> None:
        layout = location.options.get("LAYOUT", "fs").lower()
        if layout != "fs":
            raise Refused("CANNOT", f"LAYOUT={layout} is not known to dbox: allowed is fs")
        self.names = Names(location)
        self.root = location.path
        self.control_root = str(location.control)
        self.index_root = location.options.get("INDEX") or self.root
        self.alt_root = location.options.get("ALT", "")
        self._files = files
        self._sync = sync
        filename = location.options.get("SUBSCRIPTIONS") or "subscriptions"
        self._subscriptions = os.path.join(self.control_root, filename)

    def directory(self, path: MailboxPath) -> str:
        """Where the mails of a mailbox are, or those of sdbox."""
        return self._within(self.root, path)

    def index(self, path: MailboxPath) -> str:
        """Where its index files are: with the mails, or in a tree without ``dbox-Mails``."""
        if self.index_root == self.root:
            return self.directory(path)
        return self._branch(self.index_root, path)

    def alt(self, path: MailboxPath) -> str | None:
        """Where its mails in the alternative storage are; None without ALT=."""
        return self._within(self.alt_root, path) if self.alt_root else None

    def _within(self, root: str, path: MailboxPath) -> str:
        return f"{self._branch(root, path)}/{self.names.mails}"

    def _branch(self, root: str, path: MailboxPath) -> str:
        return os.path.join(root, self.names.boxes, self.names.spell(path))

    def _roots(self) -> list[str]:
        """The trees that have mailboxes, the one that says what exists last."""
        others = {self.control_root, self.index_root, self.alt_root or self.root} - {self.root}
        return [*sorted(others), self.root]

    async def walk(self) -> Sequence[ListedBox]:
        return await in_thread("list mailboxes", self.walk_now)

    def walk_now(self) -> list[ListedBox]:
        """The same, for who is in a thread already."""
        with suppress(FileNotFoundError):
            return list(self._walk(os.path.join(self.root, self.names.boxes), ()))
        return []

    def _walk(self, directory: str, above: MailboxPath) -> Iterator[ListedBox]:
        for entry in os.scandir(directory):
            if entry.name.startswith(".") or entry.name == self.names.mails or not entry.is_dir():
                continue
            path = (*above, self.names.read(entry.name))
            yield ListedBox(path, selectable=os.path.isdir(f"{entry.path}/{self.names.mails}"))
            yield from self._walk(entry.path, path)

    async def exists(self, path: MailboxPath) -> bool:
        return await in_thread("look for a mailbox", partial(self.exists_now, path))

    def exists_now(self, path: MailboxPath) -> bool:
        """The same, for who is in a thread already."""
        return os.path.isdir(self.directory(path))

    async def create(self, path: MailboxPath, *, directory: bool = False) -> None:
        await in_thread("create a mailbox", partial(self.create_now, path, directory=directory))

    def create_now(self, path: MailboxPath, *, directory: bool = False) -> None:
        """The same, for who is in a thread already."""
        target = self._branch(self.root, path) if directory else self.directory(path)
        if os.path.isdir(target):
            raise Refused("ALREADYEXISTS", "Mailbox already exists")
        self.make_dirs(target)
        if directory:
            self._log(CREATE_DIR, _name_guid(path))
        else:
            self._files.create_index(path)

    def make_dirs(self, target: str) -> None:
        """Make a directory and its parents with the permissions of what is above."""
        missing = [target]
        while not os.path.isdir(missing[-1]):
            missing.append(os.path.dirname(missing[-1]))
        perms = permissions_of(missing.pop())
        for parent in reversed(missing):
            with suppress(FileExistsError):
                make_dir(parent, perms)

    async def delete(self, path: MailboxPath) -> None:
        await in_thread("delete a mailbox", partial(self._delete, path))

    def _delete(self, path: MailboxPath) -> None:
        if path == INBOX:
            raise Refused("CANNOT", "INBOX can't be deleted")
        if not os.path.isdir(self._branch(self.root, path)):
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")
        if not self.exists_now(path):
            self._delete_directory(path)
            return
        with suppress(IndexMissing, IndexCorrupted):
            self._log(DELETE_MAILBOX, self._files.empty(path))
        for root in self._roots():
            if root in (self.root, self.alt_root):
                self._trash(root, self._within(root, path))
            else:
                _unlink_files(self._branch(root, path))
            with suppress(OSError):  # it has children, or is in use by somebody who makes one
                os.rmdir(self._branch(root, path))

    def _delete_directory(self, path: MailboxPath) -> None:
        try:
            os.rmdir(self._branch(self.root, path))
        except OSError as error:
            raise Refused("CANNOT", "Mailbox has children, delete them first") from error
        self._log(DELETE_DIR, _name_guid(path))

    def _trash(self, root: str, target: str) -> None:
        """One rename, so that nobody sees half a mailbox; then remove at leisure."""
        trash = os.path.join(root, "..DOVECOT-TRASHED")
        shutil.rmtree(trash, ignore_errors=True)
        with suppress(FileNotFoundError):
            os.rename(target, trash)
        shutil.rmtree(trash, ignore_errors=True)

    async def rename(self, old: MailboxPath, new: MailboxPath) -> None:
        await in_thread("rename a mailbox", partial(self._rename, old, new))

    def _rename(self, old: MailboxPath, new: MailboxPath) -> None:
        if new[: len(old)] == old:
            raise Refused("CANNOT", "Can't rename a mailbox to its own child")
        if not os.path.isdir(self._branch(self.root, old)):
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")
        for root in self._roots():
            if os.path.lexists(self._branch(root, new)):
                raise Refused("ALREADYEXISTS", "Target mailbox already exists")
        for root in reversed(self._roots()):
            source, target = self._branch(root, old), self._branch(root, new)
            if os.path.isdir(source):
                self.make_dirs(os.path.dirname(target))
                os.rename(source, target)
        self._log(RENAME, _name_guid(old))

    async def subscriptions(self) -> frozenset[MailboxPath]:
        read = partial(read_subscriptions, self._subscriptions, self.separator)
        found = await in_thread("read subscriptions", read)
        return frozenset(tuple(map(self.names.read, name)) for name in found)

    async def subscribe(self, path: MailboxPath, subscribed: bool) -> None:
        await in_thread("write subscriptions", partial(self._subscribe, path, subscribed))

    def _subscribe(self, path: MailboxPath, subscribed: bool) -> None:
        self.make_dirs(self.control_root)
        name = tuple(self.names.spell(path).split("/"))
        changed = write_subscription(
            self._subscriptions, self.separator, name, subscribed, sync=self._sync
        )
        if changed:
            self._log(SUBSCRIBE if subscribed else UNSUBSCRIBE, _name_guid(path))

    def _log(self, kind: int, guid: bytes) -> None:
        """Tell dsync; a log that can't be written stops nobody."""
        event = MailboxEvent(kind, guid, int(time.time()))
        with suppress(OSError):
            mode = permissions_of(self.root).file_mode
            append_event(os.path.join(self.index_root, "dovecot.mailbox.log"), event, mode)


def _unlink_files(directory: str) -> None:
    """Remove the files of a mailbox whose directory has those of its children too."""
    with suppress(FileNotFoundError):
        for entry in os.scandir(directory):
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)


def _name_guid(path: MailboxPath) -> bytes:
    """What stands for a name in dovecot.mailbox.log (mailbox_name_get_sha128)."""
    name = "/".join(path).encode("utf-8", "surrogateescape")
    return hashlib.sha1(name, usedforsecurity=False).digest()[:16]
