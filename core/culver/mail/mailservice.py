"""Opens users from what the userdb and the configuration say of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from culver.config.common.mail import MailSettings, MailStorageSettings
from culver.config.common.namespace import NamespaceBlock
from culver.config.config import Config
from culver.config.errors import ConfigErrors
from culver.config.settings import TemplateString
from culver.config.variables import VariableError, user_variables
from culver.errors import Unavailable
from culver.mail.layer import MailboxLayer
from culver.mail.location import DETECTED, BadLocation, MailLocation, expand_home, parse_location
from culver.mail.mailuser import LocalUser
from culver.mail.namespace import Namespace, from_block
from culver.mail.order import in_order
from culver.mail.storagecontext import StorageContext
from culver.mail.transform import MessageTransform
from culver.mail.user import MailService, MailUser
from culver.registry import Entry, Registry
from culver_events.scope import Scope

_NOT_SETTINGS: Final = frozenset(("uid", "gid", "home", "mail", "user", "system_groups_user"))

Values = dict[str, str | None]


class LocalMailService(MailService):
    """The users of one worker process."""

    def __init__(self, config: Config, registry: Registry) -> None:
        self.config = config
        self.registry = registry
        self._users: dict[tuple[str, frozenset[tuple[str, str]]], tuple[LocalUser, int]] = {}

    @property
    def open_users(self) -> int:
        """Users with at least one session."""
        return len(self._users)

    async def user(self, name: str, fields: dict[str, Any], scope: Scope) -> MailUser:
        texts = {key: str(value) for key, value in fields.items()}
        key = name, frozenset(texts.items())
        if key not in self._users:
            self._users[key] = self._make(name, texts, scope), 0
        user, count = self._users[key]
        self._users[key] = user, count + 1

        async def close() -> None:
            self._close(key)

        # Each session has its own scope, so each gets a handle of its own on the shared stores.
        return user.for_session(scope, close)

    def _close(self, key: tuple[str, frozenset[tuple[str, str]]]) -> None:
        user, count = self._users[key]
        if count > 1:
            self._users[key] = user, count - 1
            return
        del self._users[key]
        user.forget()

    def _make(self, name: str, fields: dict[str, str], scope: Scope) -> LocalUser:
        try:
            overrides = {k: v for k, v in fields.items() if k not in _NOT_SETTINGS}
            config = self.config.with_overrides(overrides)
            return _Maker(self.registry, name, fields, config, scope).make()
        except (ConfigErrors, BadLocation, VariableError) as error:
            raise _misconfigured(name, str(error)) from error


def _misconfigured(user: str, why: str) -> Unavailable:
    return Unavailable("CONTACTADMIN", "Internal error in the mail setup", f"user {user}: {why}")


class _Maker:
    """Builds one user."""

    def __init__(
        self, registry: Registry, name: str, fields: dict[str, str], config: Config, scope: Scope
    ) -> None:
        self.registry = registry
        self.name = name
        self.fields = fields
        self.config = config
        self.scope = scope
        self.settings = config.get(MailSettings)
        self.storage = config.get(MailStorageSettings)
        self.values: Values = user_variables(
            name, uid=fields.get("uid"), gid=fields.get("gid"), session=str(scope.get("session"))
        )
        home = fields.get("home") or self._expand(self.settings.mail_home)
        self.home = Path(home) if home else None
        self.values["home"] = home or None

    def _expand(self, text: TemplateString) -> str:
        return text.template.expand(self.values)

    def make(self) -> LocalUser:
        user = LocalUser(
            self.name,
            home=self.home,
            config=self.config,
            scope=self.scope,
            layers=self._layers(),
            idle_interval=float(self.storage.mailbox_idle_check_interval),
        )
        user.namespaces = self._namespaces(user)
        return user

    def _enabled(self, entry: Entry[Any]) -> bool:
        return entry.plugin in self.settings.mail_plugins

    def _layers(self) -> list[type[MailboxLayer]]:
        entries = in_order(filter(self._enabled, self.registry.layers))
        return [entry.value for entry in entries]

    def _transforms(self, user: LocalUser) -> list[MessageTransform]:
        entries = in_order(filter(self._enabled, self.registry.transforms))
        return [entry.value(user) for entry in entries]

    def _namespaces(self, user: LocalUser) -> tuple[Namespace, ...]:
        context = StorageContext(
            user=self.name,
            home=self.home,
            scope=self.scope,
            config=self.config,
            fsync=self.storage.mail_fsync,
            save_crlf=self.storage.mail_save_crlf,
            transforms=self._transforms(user),
        )
        blocks: Sequence[NamespaceBlock] = [
            block for block in self.config.blocks(NamespaceBlock) if not block.disabled
        ] or [NamespaceBlock(name="inbox", inbox=True)]
        namespaces = [self._namespace(block, context) for block in blocks]
        if sum(namespace.inbox for namespace in namespaces) != 1:
            raise _misconfigured(self.name, "exactly one namespace must have inbox = yes")
        for namespace in namespaces:
            if namespace.prefix and not namespace.prefix.endswith(namespace.separator):
                raise _misconfigured(
                    self.name,
                    f"namespace prefix {namespace.prefix!r} must end in {namespace.separator!r}",
                )
        return tuple(namespaces)

    def _namespace(self, block: NamespaceBlock, context: StorageContext) -> Namespace:
        text = self._expand(block.location) or self.fields.get("mail", "")
        if text:
            # The userdb's field has variables of its own, which it has expanded.
            location = parse_location(text, self.home)
        else:
            location = parse_location(self._expand(self.settings.mail_location), self.home)
        if location.driver == "auto":
            location = self._detect(location)
        format = self.registry.formats.find(location.driver)
        if format is None:
            known = ", ".join(self.registry.formats.names())
            raise BadLocation(f"mail_location: unknown driver {location.driver!r}; known: {known}")
        return from_block(block, format(location, context), self._expand(block.prefix))

    def _detect(self, location: MailLocation) -> MailLocation:
        """An existing store; nothing is created (inventory R4-003)."""
        places = [location.path] if location.path else DETECTED
        for place in places:
            try:
                root = Path(expand_home(place, self.home))
            except BadLocation:
                continue
            for entry in self.registry.formats:
                if entry.value.detect(root):
                    return MailLocation(driver=entry.name, path=str(root), options=location.options)
        raise BadLocation(f"mail_location is not set and no mail was found in {', '.join(places)}")
