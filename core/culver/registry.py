"""What plugins have declared.  Filled at start, read-only afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from culver.interface_check import complaints

if TYPE_CHECKING:
    from culver.auth.driver import Passdb, Userdb
    from culver.auth.mechanism import SaslMechanism
    from culver.auth.scheme import PasswordScheme
    from culver.cli.command import CliCommand
    from culver.config.settings import Block, Settings
    from culver.mail.layer import MailboxLayer
    from culver.mail.storage import StorageFormat
    from culver.mail.transform import MessageTransform
    from culver.noticing.sink import EventSink
    from culver.service import ProtocolService
    from culver_events.event import Event
    from culver_events.record import Record

T = TypeVar("T")


class Entry(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One declared thing."""

    name: str
    value: T
    plugin: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class RegistrationError(Exception):
    """A plugin declared something that can't be.  Names the plugin and the clash."""


class Kind(Generic[T]):
    """The declared things of one kind, by name, in the order of declaration."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._entries: dict[str, Entry[T]] = {}

    def add(self, entry: Entry[T]) -> None:
        other = self._entries.get(entry.name)
        if other is not None:
            raise RegistrationError(
                f"plugin {entry.plugin}: {self.title} {entry.name!r} is already"
                f" declared by plugin {other.plugin}"
            )
        self._entries[entry.name] = entry

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def find(self, name: str) -> T | None:
        entry = self._entries.get(name)
        return None if entry is None else entry.value

    def entry(self, name: str) -> Entry[T] | None:
        return self._entries.get(name)


class ProtocolExtension(msgspec.Struct, frozen=True, kw_only=True):
    """A command or capability added to a protocol that another plugin speaks."""

    protocol: str
    value: object


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """A function that hears events.  It must not block and must not raise; see the bus."""

    hear: Callable[[Record], None]
    filter: str


class MetricDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """A metric that a plugin brings, as a ``metric`` block says it."""

    filter: str
    fields: str = ""
    group_by: str = ""
    description: str = ""


class Registry:
    """Where a plugin declares what it brings.  Names are unique per kind.

    The methods raise :class:`RegistrationError` when a name is taken; what is declared is used
    only if the configuration names the plugin.
    """

    def __init__(self) -> None:
        self.plugin = ""
        """Name of the plugin whose hook is being called; set by the loader."""
        self.all_settings: Kind[type[Settings]] = Kind("settings")
        self.all_blocks: Kind[type[Block]] = Kind("configuration block")
        self.all_events: Kind[type[Event]] = Kind("event")
        self.protocols: Kind[type[ProtocolService]] = Kind("protocol")
        self.formats: Kind[type[StorageFormat]] = Kind("storage format")
        self.passdbs: Kind[type[Passdb]] = Kind("passdb driver")
        self.userdbs: Kind[type[Userdb]] = Kind("userdb driver")
        self.mechanisms: Kind[type[SaslMechanism]] = Kind("SASL mechanism")
        self.schemes: Kind[PasswordScheme] = Kind("password scheme")
        self.layers: Kind[type[MailboxLayer]] = Kind("mailbox layer")
        self.transforms: Kind[type[MessageTransform]] = Kind("message transform")
        self.commands: Kind[ProtocolExtension] = Kind("protocol command")
        self.capabilities: Kind[ProtocolExtension] = Kind("protocol capability")
        self.listeners: Kind[Listener] = Kind("event listener")
        self.metrics: Kind[MetricDeclaration] = Kind("metric")
        self.sinks: Kind[type[EventSink]] = Kind("event sink")
        self.cli_commands: Kind[CliCommand] = Kind("command of culver")

    def _entry(
        self, name: str, value: T, before: Sequence[str] = (), after: Sequence[str] = ()
    ) -> Entry[T]:
        return Entry(
            name=name, value=value, plugin=self.plugin, before=tuple(before), after=tuple(after)
        )

    def _check(self, cls: type, interface: type) -> None:
        found = complaints(cls, interface)
        if found:
            raise RegistrationError(
                f"plugin {self.plugin}: {cls.__name__} is no usable {interface.__name__}:"
                f" {'; '.join(found)}"
            )

    def settings(self, *classes: type[Settings]) -> None:
        """Typed settings; their names become valid in the configuration."""
        for cls in classes:
            self.all_settings.add(self._entry(f"{cls.__module__}.{cls.__qualname__}", cls))

    def blocks(self, *classes: type[Block]) -> None:
        """Typed configuration sections (``passdb { }``)."""
        for cls in classes:
            self.all_blocks.add(self._entry(f"{cls.__module__}.{cls.__qualname__}", cls))

    def events(self, *classes: type[Event]) -> None:
        """Event classes: they become known to filters, metrics, schemas and the reference."""
        from culver_events.event import event_info

        for cls in classes:
            self.all_events.add(self._entry(event_info(cls).name, cls))

    def protocol(self, cls: type[ProtocolService]) -> None:
        """A protocol, switched on by its name in ``protocols``."""
        from culver.service import ProtocolService

        self._check(cls, ProtocolService)
        self.protocols.add(self._entry(cls.name, cls))

    def storage_format(self, cls: type[StorageFormat]) -> None:
        """A storage format: its name is the driver in ``mail_location``."""
        from culver.mail.storage import StorageFormat

        self._check(cls, StorageFormat)
        self.formats.add(self._entry(cls.name, cls))

    def passdb(self, cls: type[Passdb]) -> None:
        """A passdb driver."""
        from culver.auth.driver import Passdb

        self._check(cls, Passdb)
        self.passdbs.add(self._entry(cls.name, cls))

    def userdb(self, cls: type[Userdb]) -> None:
        """A userdb driver."""
        from culver.auth.driver import Userdb

        self._check(cls, Userdb)
        self.userdbs.add(self._entry(cls.name, cls))

    def sasl_mechanism(self, cls: type[SaslMechanism]) -> None:
        """A SASL mechanism, offered when ``auth_mechanisms`` names it."""
        from culver.auth.mechanism import SaslMechanism

        self._check(cls, SaslMechanism)
        self.mechanisms.add(self._entry(cls.name, cls))

    def password_scheme(self, scheme: PasswordScheme) -> None:
        """A password scheme, under each of its names."""
        for name in scheme.names:
            self.schemes.add(self._entry(name, scheme))

    def mailbox_layer(
        self, cls: type[MailboxLayer], *, before: Sequence[str] = (), after: Sequence[str] = ()
    ) -> None:
        """A layer round every mailbox of users whose ``mail_plugins`` name this plugin.

        ``before`` and ``after`` name plugins: ``before="quota"`` sees an append first.
        """
        from culver.mail.layer import MailboxLayer

        self._check(cls, MailboxLayer)
        self.layers.add(self._entry(self.plugin, cls, _names(before), _names(after)))

    def message_transform(
        self, cls: type[MessageTransform], *, before: Sequence[str] = (), after: Sequence[str] = ()
    ) -> None:
        """A transform of stored bytes, for users whose ``mail_plugins`` name this plugin."""
        from culver.mail.transform import MessageTransform

        self._check(cls, MessageTransform)
        self.transforms.add(self._entry(cls.name, cls, _names(before), _names(after)))

    def command(self, protocol: str, name: str, command: object) -> None:
        """A command for a protocol that another plugin speaks.

        ``command`` is of the type that the protocol's plugin documents: for ``imap`` a
        :class:`culver_plugins.imap.api.ImapCommand`; for ``adm`` (``culver adm NAME``) an
        :class:`culver.plugin.AdmCommand`, for ``adm-dump`` a :class:`culver.plugin.Dumper`.
        """
        extension = ProtocolExtension(protocol=protocol, value=command)
        self.commands.add(self._entry(f"{protocol} {name}", extension))

    def capability(self, protocol: str, name: str) -> None:
        """A capability word that the protocol announces after login."""
        extension = ProtocolExtension(protocol=protocol, value=name)
        self.capabilities.add(self._entry(f"{protocol} {name}", extension))

    def listener(self, name: str, hear: Callable[[Record], None], *, filter: str = "") -> None:
        """A function called for every event that the filter matches, in the emitting task.

        It costs mail its time: keep it to a few microseconds, or declare a sink.  One that
        raises is logged, counted and skipped.
        """
        self.listeners.add(self._entry(name, Listener(hear=hear, filter=filter)))

    def metric(
        self,
        name: str,
        *,
        filter: str,
        fields: str = "",
        group_by: str = "",
        description: str = "",
    ) -> None:
        """A metric that is kept whenever the plugin is loaded; the arguments are those of a
        ``metric`` block (words parted by spaces)."""
        declared = MetricDeclaration(
            filter=filter, fields=fields, group_by=group_by, description=description
        )
        self.metrics.add(self._entry(name, declared))

    def event_sink(self, cls: type[EventSink]) -> None:
        """A destination of exported events: its name is a transport of ``event_exporter``."""
        self.sinks.add(self._entry(cls.name, cls))

    def cli(self, command: CliCommand) -> None:
        """A subcommand: ``culver NAME``."""
        self.cli_commands.add(self._entry(command.name, command))


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
