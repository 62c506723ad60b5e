"""All event classes, fields and categories that filters, metrics and reference pages may name."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import Final

from culver_events.categories import OLD_NAMES, PARENTS, lineage
from culver_events.event import LEVELS, Event, EventInfo, FieldInfo, Kind, Label, event_info
from culver_events.fields import ALIASES, SCOPE_FIELDS

BUNDLED: Final = (
    "connection", "auth", "login", "imap", "session", "smtp", "delivery", "mail", "index", "server"
)  # fmt: skip
"""Modules of `culver_events` whose classes `default_registry` holds."""


class EventRegistry:
    """What exists. Adding is for start-up; asking is cheap at any time."""

    def __init__(self) -> None:
        self._classes: dict[str, type[Event]] = {}
        self._scope_fields: dict[str, FieldInfo] = dict(SCOPE_FIELDS)
        self._own_fields: dict[str, list[FieldInfo]] = {}
        self._categories: set[str] = set(PARENTS)
        self._watchers: list[Callable[[], None]] = []

    def register(self, *classes: type[Event]) -> None:
        """Add event classes.

        Raises TypeError for a class without `@event`, ValueError for a name that another class
        has. Registering a class twice does nothing.
        """
        for cls in classes:
            self._add(cls)
        for watcher in self._watchers:
            watcher()

    def _add(self, cls: type[Event]) -> None:
        info = event_info(cls)
        known = self._classes.get(info.name)
        if known is cls:
            return
        if known is not None:
            raise ValueError(
                f"event {info.name} of {cls.__module__} is already declared by {known.__module__}:"
                " prefix the name with your plugin's"
            )
        self._classes[info.name] = cls
        if info.category:
            self._categories.add(info.category)
        for field in info.fields:
            self._own_fields.setdefault(field.name, []).append(field)

    def scope_field(self, field: FieldInfo) -> None:
        """Declare a field that scopes may carry.

        Raises ValueError when the name is taken by another description, or when it is labelled
        secret: a scope's fields reach every record, so a secret has no business in one.
        """
        if field.label is Label.SECRET:
            raise ValueError(
                f"scope field {field.name} is secret: keep it in the event, or nowhere"
            )
        if self._scope_fields.setdefault(field.name, field) != field:
            raise ValueError(f"scope field {field.name} is already declared otherwise")

    def category(self, name: str) -> None:
        """Declare a category that no event class names, only scopes."""
        self._categories.add(name)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` after each registration: whoever caches the set of classes."""
        self._watchers.append(changed)

    def __iter__(self) -> Iterator[type[Event]]:
        """All classes in the order of their registration."""
        return iter(self._classes.values())

    def __len__(self) -> int:
        """How many classes there are."""
        return len(self._classes)

    def get(self, name: str) -> type[Event] | None:
        """The class of an event name, or None."""
        return self._classes.get(name)

    def info(self, name: str) -> EventInfo:
        """Metadata by event name; KeyError when there is none."""
        return event_info(self._classes[name])

    def names(self) -> list[str]:
        """All event names, sorted."""
        return sorted(self._classes)

    def canonical(self, field: str) -> str:
        """Today's name of a field: `bytes_in` -> `net_in_bytes`; others stay."""
        return ALIASES.get(field, field) if field not in self._own_fields else field

    def field_infos(self, name: str) -> tuple[FieldInfo, ...]:
        """All descriptions of a (canonical) field name, empty when nobody declares it."""
        found = list(self._own_fields.get(name, ()))
        scope = self.scope_info(name)
        return tuple([*found, scope] if scope else found)

    def scope_info(self, name: str) -> FieldInfo | None:
        """The description of an inheritable field, `id_param_*` patterns included."""
        exact = self._scope_fields.get(name)
        if exact is not None:
            return exact
        for pattern, field in self._scope_fields.items():
            if pattern.endswith("*") and name.startswith(pattern[:-1]):
                return field
        return None

    def kinds(self, name: str) -> frozenset[Kind]:
        """The kinds that a (canonical) field may have; empty when it is unknown."""
        if name == "duration":
            return frozenset({"int"})
        return frozenset(field.kind for field in self.field_infos(name))

    def field_names(self) -> list[str]:
        """All field names that a filter may use, sorted, 2.3's included."""
        return sorted({*self._own_fields, *self._scope_fields, *ALIASES, "duration"})

    def categories(self) -> list[str]:
        """All category names, sorted, log levels included."""
        return sorted({*self._categories, *LEVELS})

    def knows_category(self, name: str) -> bool:
        """Whether a filter may name this category. `service:NAME` is open-ended."""
        name = OLD_NAMES.get(name, name)
        return name in self._categories or name in LEVELS or name.startswith("service:")

    def parents(self, category: str) -> tuple[str, ...]:
        """The parents of a category, nearest first."""
        return lineage(category)[1:]

    def personal(self) -> frozenset[str]:
        """Names of all fields that tell who did what: what a shy exporter leaves out."""
        every = [*self._scope_fields.values(), *(f for fs in self._own_fields.values() for f in fs)]
        return frozenset(field.name for field in every if field.label is Label.PERSONAL)


def bundled() -> Iterator[type[Event]]:
    """The event classes of this package, module by module."""
    for name in BUNDLED:
        module = import_module(f"culver_events.{name}")
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, Event):
                yield value


@lru_cache(maxsize=1)
def _bundled() -> tuple[type[Event], ...]:
    return tuple(bundled())


def default_registry() -> EventRegistry:
    """A new registry with all bundled events."""
    registry = EventRegistry()
    registry.register(*_bundled())
    return registry
