"""The mailboxes of a Maildir store: walk, create, delete, rename, subscribe (inventory R4-016)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from culver.errors import Refused
from culver.mail.engine.openindex import index_root
from culver.mail.engine.threads import in_thread
from culver.mail.location import MailLocation
from culver.mail.storage import INBOX, ListedBox, MailboxList, MailboxPath
from culver_plugins.maildir.names import Names
from culver_plugins.maildir.permissions import make_dir, permissions_of
from culver_plugins.maildir.subscriptions import read_subscriptions, write_subscription

_PARTS = ("cur", "new", "tmp")


class MaildirList(MailboxList):
    """Directories below one root, in either layout."""

    def __init__(self, location: MailLocation, *, stat_dirs: bool, sync: bool) -> None:
        self.names = Names(location)
        self.separator = self.names.separator
        self.root = location.path
        self.control_root = str(location.control)
        self._index_root = index_root(location)
        self._inbox = location.options.get("INBOX") or self.root
        self._stat_dirs = stat_dirs
        self._sync = sync
        filename = location.options.get("SUBSCRIPTIONS") or "subscriptions"
        self._subscriptions = os.path.join(self.control_root, filename)

    def directory(self, path: MailboxPath) -> str:
        """Where the mailbox's cur/ is."""
        return self._inbox if path == INBOX else os.path.join(self.root, self._relative(path))

    def control(self, path: MailboxPath) -> str:
        """Where dovecot-uidlist is."""
        if self.control_root == self.root:
            return self.directory(path)
        return os.path.join(self.control_root, self._apart(path))

    def index(self, path: MailboxPath) -> str | None:
        """Where dovecot.index is; None: nowhere (INDEX=MEMORY)."""
        if self._index_root == self.root:
            return self.directory(path)
        if self._index_root is None:
            return None
        return os.path.join(self._index_root, self._apart(path))

    def _apart(self, path: MailboxPath) -> str:
        """The directory below a root that holds no mails: there INBOX has one too."""
        if path == INBOX:
            return "INBOX" if self.names.fs else ".INBOX"
        return self._relative(path)

    def _relative(self, path: MailboxPath) -> str:
        relative = self.names.directory(path)
        # A name that isn't mUTF-7 on the disk is shown as it is, and must be found again.
        plain = "." + ".".join(path)
        if self.names.fs or plain == relative or "&" not in plain or not plain.isascii():
            return relative
        spelled, raw = f"{self.root}/{relative}", f"{self.root}/{plain}"
        return plain if os.path.isdir(raw) and not os.path.isdir(spelled) else relative

    async def walk(self) -> Sequence[ListedBox]:
        return await in_thread("list mailboxes", lambda: list(self._walk()))

    def _walk(self) -> Iterator[ListedBox]:
        if os.path.isdir(f"{self._inbox}/cur"):
            yield ListedBox(INBOX)
        with suppress(FileNotFoundError):
            yield from self._walk_fs("") if self.names.fs else self._walk_dots()

    def _walk_dots(self) -> Iterator[ListedBox]:
        for entry in os.scandir(self.root):
            name = entry.name
            if not name.startswith(".") or name.startswith("..") or len(name) < 2:
                continue
            path = self.names.path_of(name)
            if path is None or path == INBOX or not entry.is_dir():
                continue
            if not self._stat_dirs or os.path.isdir(f"{entry.path}/cur"):
                yield ListedBox(path)

    def _walk_fs(self, below: str) -> Iterator[ListedBox]:
        for entry in os.scandir(os.path.join(self.root, below)):
            if entry.name.startswith(".") or entry.name in _PARTS or not entry.is_dir():
                continue
            relative = f"{below}/{entry.name}" if below else entry.name
            path = self.names.path_of(relative)
            if path is not None:
                mails = os.path.isdir(os.path.join(self.directory(path), "cur"))
                if path != INBOX:
                    yield ListedBox(path, selectable=mails)
                yield from self._walk_fs(relative)

    async def exists(self, path: MailboxPath) -> bool:
        return await in_thread("look for a mailbox", partial(self._exists, path))

    def _exists(self, path: MailboxPath) -> bool:
        return os.path.isdir(f"{self.directory(path)}/cur")

    async def create(self, path: MailboxPath, *, directory: bool = False) -> None:
        await in_thread("create a mailbox", partial(self._create, path, directory))

    def _create(self, path: MailboxPath, directory: bool) -> None:
        target = self.directory(path)
        if os.path.isdir(f"{target}/cur"):
            raise Refused("ALREADYEXISTS", "Mailbox already exists")
        os.makedirs(self.root, mode=0o700, exist_ok=True)
        perms = permissions_of(self.root)
        missing = [target]
        while not os.path.isdir(missing[-1]):
            missing.append(os.path.dirname(missing[-1]))
        for parent in reversed(missing[:-1]):
            make_dir(parent, perms)
        if directory and self.names.fs:
            return
        # cur/ last: with it the mailbox exists.
        for part in reversed(_PARTS):
            with suppress(FileExistsError):
                make_dir(f"{target}/{part}", perms)
        if not self.names.fs and path != INBOX:
            os.close(os.open(f"{target}/maildirfolder", os.O_CREAT | os.O_WRONLY, perms.file_mode))
        os.makedirs(self.control(path), mode=perms.dir_mode & 0o777, exist_ok=True)

    async def delete(self, path: MailboxPath) -> None:
        await in_thread("delete a mailbox", partial(self._delete, path))

    def _delete(self, path: MailboxPath) -> None:
        target = self.directory(path)
        if path == INBOX:
            raise Refused("CANNOT", "INBOX can't be deleted")
        if not os.path.isdir(target):
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")
        children = [entry.name for entry in os.scandir(target) if entry.is_dir()]
        if self.names.fs and set(children) - set(_PARTS):
            self._empty(target)
        else:
            self._trash(target)
        control = self.control(path)
        for other in {control, self.index(path) or control} - {target}:
            shutil.rmtree(other, ignore_errors=True)

    def _empty(self, target: str) -> None:
        """Remove the mails, keep the directory: it has children."""
        if not os.path.isdir(f"{target}/cur"):
            raise Refused("CANNOT", "Mailbox has children, delete them first")
        self._trash(f"{target}/cur")
        for entry in os.scandir(target):
            if entry.name in _PARTS:
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.is_file(follow_symlinks=False):
                os.unlink(entry.path)

    def _trash(self, target: str) -> None:
        """One rename, so that nobody sees half a mailbox; then remove at leisure."""
        trash = os.path.join(self.root, "..DOVECOT-TRASHED")
        shutil.rmtree(trash, ignore_errors=True)
        os.rename(target, trash)
        shutil.rmtree(trash, ignore_errors=True)

    async def rename(self, old: MailboxPath, new: MailboxPath) -> None:
        await in_thread("rename a mailbox", partial(self._rename, old, new))

    def _rename(self, old: MailboxPath, new: MailboxPath) -> None:
        if new[: len(old)] == old:
            raise Refused("CANNOT", "Can't rename a mailbox to its own child")
        if not os.path.isdir(self.directory(old)) and not self._below(old):
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")
        pairs = [(old, new), *((child, new + child[len(old) :]) for child in self._below(old))]
        for _, target in pairs:
            if os.path.isdir(self.directory(target)):
                raise Refused("ALREADYEXISTS", "Target mailbox already exists")
        for source, target in pairs[:1] if self.names.fs else pairs:
            self._move(self.directory(source), self.directory(target))
            if self.control_root != self.root:
                self._move(self.control(source), self.control(target))
            index = self.index(source)
            if index not in (None, self.directory(source), self.control(source)):
                self._move(str(index), str(self.index(target)))

    def _below(self, path: MailboxPath) -> list[MailboxPath]:
        boxes = self._walk_fs("") if self.names.fs else self._walk_dots()
        return [box.path for box in boxes if box.path[: len(path)] == path and box.path != path]

    def _move(self, source: str, target: str) -> None:
        if os.path.isdir(source):
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            os.rename(source, target)

    async def subscriptions(self) -> frozenset[MailboxPath]:
        read = partial(read_subscriptions, self._subscriptions, self.separator)
        found = await in_thread("read subscriptions", read)
        return frozenset(tuple(map(self.names.read, name)) for name in found)

    async def subscribe(self, path: MailboxPath, subscribed: bool) -> None:
        await in_thread("write subscriptions", partial(self._subscribe, path, subscribed))

    def _subscribe(self, path: MailboxPath, subscribed: bool) -> None:
        os.makedirs(self.control_root, mode=0o700, exist_ok=True)
        name = path if path == INBOX else self.names.spell(path)
        write_subscription(self._subscriptions, self.separator, name, subscribed, sync=self._sync)
