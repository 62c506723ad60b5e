"""A user's namespaces, and the mailboxes in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from culver.config.config import Config
from culver.errors import Refused
from culver.mail.engine.mailbox import EngineMailbox
from culver.mail.engine.shared import SharedBox
from culver.mail.layer import MailboxLayer
from culver.mail.listing import list_mailboxes
from culver.mail.mailbox import Mailbox, MailboxInfo
from culver.mail.namespace import Namespace
from culver.mail.storage import INBOX, MailboxPath
from culver.mail.uids import UidSet
from culver.mail.user import MailUser
from culver_events.mail import (
    MailboxCreated,
    MailboxDeleted,
    MailboxRenamed,
    MailboxSubscribed,
    MailboxUnsubscribed,
)
from culver_events.scope import Scope


class LocalUser(MailUser):
    """A user whose stores are on this machine."""

    def __init__(
        self,
        name: str,
        *,
        home: Path | None,
        config: Config,
        scope: Scope,
        namespaces: Sequence[Namespace] = (),
        layers: Sequence[type[MailboxLayer]] = (),
        idle_interval: float = 30.0,
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.name = name
        self.home = home
        self.config = config
        self.scope = scope
        self.namespaces = tuple(namespaces)
        self.layers = tuple(layers)
        """Outermost first."""
        self.idle_interval = idle_interval
        self._on_close = on_close
        # Mailboxes stay open as long as the user has a session: the next SELECT is cheap.
        self._boxes: dict[str, SharedBox] = {}

    def for_session(self, scope: Scope, on_close: Callable[[], Awaitable[None]]) -> LocalUser:
        """A handle of one session on the same stores: its events have the session's fields."""
        handle = LocalUser(
            self.name,
            home=self.home,
            config=self.config,
            scope=scope,
            namespaces=self.namespaces,
            layers=self.layers,
            idle_interval=self.idle_interval,
            on_close=on_close,
        )
        handle._boxes = self._boxes
        return handle

    def _find(self, name: str) -> tuple[Namespace, MailboxPath]:
        """The namespace with the longest prefix that fits."""
        for namespace in sorted(self.namespaces, key=lambda n: len(n.prefix), reverse=True):
            path = namespace.path_of(name)
            if path is not None:
                return namespace, path
        raise Refused("NONEXISTENT", "Mailbox doesn't exist: no such namespace")

    async def open(self, name: str) -> Mailbox:
        namespace, path = self._find(name)
        shared = await self._shared(namespace, path)
        full = namespace.name_of(path)
        scope = self.scope.child(mailbox=full, mailbox_guid=shared.box.guid)
        mailbox: Mailbox = EngineMailbox(full, shared, scope, idle_interval=self.idle_interval)
        for layer in reversed(self.layers):
            mailbox = layer(mailbox, self)
        return mailbox

    async def _shared(self, namespace: Namespace, path: MailboxPath) -> SharedBox:
        name = namespace.name_of(path)
        try:
            shared = await SharedBox.open(namespace.format, path)
        except Refused as error:
            if error.code != "NONEXISTENT" or not self._is_auto(namespace, path):
                self._boxes.pop(name, None)
                raise
            await self._create(namespace, path)
            shared = await SharedBox.open(namespace.format, path)
        self._boxes[name] = shared
        return shared

    def _is_auto(self, namespace: Namespace, path: MailboxPath) -> bool:
        """INBOX always exists (RFC 3501 5.1); others by ``auto``."""
        return (path == INBOX and namespace.inbox) or path in namespace.auto_mailboxes()

    async def _create(
        self, namespace: Namespace, path: MailboxPath, *, directory: bool = False
    ) -> None:
        try:
            await namespace.format.mailboxes.create(path, directory=directory)
        except Refused as error:
            if error.code != "ALREADYEXISTS" or not self._is_auto(namespace, path):
                raise
            return
        self._emit(namespace.name_of(path), MailboxCreated())

    def _emit(self, mailbox: str, event: MailboxCreated | MailboxDeleted | MailboxRenamed) -> None:
        self.scope.child(mailbox=mailbox).emit(event)

    async def mailboxes(self) -> Sequence[MailboxInfo]:
        return await list_mailboxes(self.namespaces)

    async def create(self, name: str, *, special_use: Sequence[str] = ()) -> None:
        namespace, path = self._find(name.removesuffix(self._separator_of(name)))
        block = namespace.block(path)
        known = set(block.special_use) if block else set[str]()
        if set(special_use) - known:
            raise Refused("CANNOT", "The special use of mailboxes is set by the configuration")
        if path == INBOX and namespace.inbox:
            raise Refused("ALREADYEXISTS", "Mailbox already exists")
        await namespace.format.mailboxes.create(path, directory=name.endswith(namespace.separator))
        self._emit(namespace.name_of(path), MailboxCreated())

    def _separator_of(self, name: str) -> str:
        fitting = [n for n in self.namespaces if name.startswith(n.prefix)]
        best = max(fitting, key=lambda n: len(n.prefix), default=None)
        return "" if best is None else best.separator

    async def delete(self, name: str) -> None:
        namespace, path = self._find(name)
        if path == INBOX and namespace.inbox:
            raise Refused("CANNOT", "INBOX can't be deleted")
        await namespace.format.mailboxes.delete(path)
        self._boxes.pop(namespace.name_of(path), None)
        self._emit(namespace.name_of(path), MailboxDeleted())

    async def rename(self, old: str, new: str) -> None:
        source, old_path = self._find(old)
        target, new_path = self._find(new.removesuffix(self._separator_of(new)))
        if old_path == INBOX and source.inbox:
            await self._rename_inbox(target, new_path)
        elif source is not target:
            raise Refused("CANNOT", "Can't rename mailboxes across namespaces")
        elif new_path == INBOX and target.inbox:
            raise Refused("ALREADYEXISTS", "Target mailbox already exists")
        else:
            await source.format.mailboxes.rename(old_path, new_path)
        self._boxes.clear()
        new_name = target.name_of(new_path)
        self._emit(source.name_of(old_path), MailboxRenamed(new_mailbox=new_name))

    async def _rename_inbox(self, target: Namespace, path: MailboxPath) -> None:
        """The mails move, INBOX stays, its children too (RFC 3501 6.3.5)."""
        await target.format.mailboxes.create(path)
        inbox = await self.open("INBOX")
        there = await self.open(target.name_of(path))
        try:
            view = await inbox.open_view(read_only=False)
            await inbox.move(view, UidSet(view.uids), there)
        finally:
            await inbox.close()
            await there.close()

    async def subscribe(self, name: str, subscribed: bool) -> None:
        namespace, path = self._find(name)
        full = namespace.name_of(path)
        holder = namespace if namespace.subscriptions else self._parent(namespace)
        relative = path if holder is namespace else holder.path_of(full)
        if relative is None:
            raise Refused("CANNOT", "No namespace keeps subscriptions for this mailbox")
        await holder.format.mailboxes.subscribe(relative, subscribed)
        event = MailboxSubscribed() if subscribed else MailboxUnsubscribed()
        self.scope.child(mailbox=full).emit(event)

    def _parent(self, namespace: Namespace) -> Namespace:
        """The nearest one above that keeps subscriptions (inventory R4-086)."""
        above = [
            n for n in self.namespaces if n.subscriptions and namespace.prefix.startswith(n.prefix)
        ]
        if not above:
            raise Refused("CANNOT", "No namespace keeps subscriptions for this mailbox")
        return max(above, key=lambda n: len(n.prefix))

    async def close(self) -> None:
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            await on_close()

    def forget(self) -> None:
        """The last session has ended: let mailboxes go."""
        self._boxes.clear()
