"""Context that events are emitted in: a chain of scopes whose fields children inherit.

A session sets `user` once; each event of the session finds it through its scope. Scopes are what
Dovecot calls parent events: fields, categories, a log prefix, a creation time that durations are
counted from, and reason codes.
"""

import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from culver_events.event import Event, FieldValue

Clock = Callable[[], int]
"""Microseconds since the epoch."""


def wall_clock() -> int:
    """The system's time in microseconds since the epoch."""
    return time.time_ns() // 1000


class Emitter(Protocol):
    """Where the events of a scope go: the bus, or nowhere."""

    def wants(self, cls: type[Event], /) -> bool:
        """Whether an event of this class could be heard by anybody."""
        ...

    def emit(self, scope: "Scope", event: Event, /) -> None:
        """Hand the event to all who listen. Never raises."""
        ...


class Silent:
    """The emitter of a scope that was given none: nobody listens."""

    def wants(self, cls: type[Event], /) -> bool:
        """Never."""
        return False

    def emit(self, scope: "Scope", event: Event, /) -> None:
        """Drop the event."""


SILENT: Final = Silent()
# Stands in a child for "absent here although the parent has it"; compared by identity.
_CLEARED: Final[list[str]] = ["cleared"]


class Scope:
    """Fields, categories and a start time that the events emitted in it share.

    `parent` gives everything that isn't said here; a root takes `clock` and `emitter`. A field
    set to None falls through to the parent's. Fields carry names declared in
    `culver_events.fields` or by a plugin, so that filters know them.
    """

    __slots__ = ("_categories", "_fields", "_prefix", "clock", "created", "emitter", "parent")

    def __init__(
        self,
        parent: "Scope | None" = None,
        categories: tuple[str, ...] = (),
        prefix: str | None = None,
        *,
        clock: Clock | None = None,
        emitter: Emitter | None = None,
        **fields: FieldValue | None,
    ) -> None:
        self.parent = parent
        self._fields = fields
        self._categories = categories
        self._prefix = prefix
        if parent is None:
            self.clock: Clock = clock or wall_clock
            self.emitter: Emitter = emitter or SILENT
        else:
            self.clock = clock or parent.clock
            self.emitter = emitter or parent.emitter
        self.created: int = self.clock()

    def child(
        self,
        *,
        categories: tuple[str, ...] = (),
        prefix: str | None = None,
        **fields: FieldValue | None,
    ) -> "Scope":
        """A scope within this one, starting now."""
        # Sessions make one per command: filling the slots costs half of what __init__ does.
        scope = Scope.__new__(Scope)
        scope.parent = self
        scope._fields = fields
        scope._categories = categories
        scope._prefix = prefix
        scope.clock = self.clock
        scope.emitter = self.emitter
        scope.created = self.clock()
        return scope

    def reason(self, module: str, name: str) -> "Scope":
        """A child whose `reason_code` has `module:name` appended, lower case, blanks as `_`."""
        code = f"{module}:{name}".lower().replace(" ", "_").replace("-", "_")
        known = self.get("reason_code")
        codes = [*known, code] if isinstance(known, list) else [code]
        return self.child(reason_code=codes)

    def get(self, field: str) -> FieldValue | None:
        """The nearest value of a field, or None when no scope of the chain has it."""
        scope: Scope | None = self
        while scope is not None:
            value = scope._fields.get(field)
            if value is not None:
                return None if value is _CLEARED else value
            scope = scope.parent
        return None

    def set(self, **fields: FieldValue | None) -> None:
        """Set fields of this scope; None gives the parent's value back."""
        self._fields.update(fields)

    def clear(self, *names: str) -> None:
        """Make fields absent here and below, whatever the parents have."""
        for name in names:
            self._fields[name] = _CLEARED

    def chain(self) -> "Iterator[Scope]":
        """This scope and its parents, nearest first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def fields(self) -> dict[str, FieldValue]:
        """All present fields, inherited ones first."""
        merged: dict[str, FieldValue] = {}
        for scope in reversed(list(self.chain())):
            merged.update({k: v for k, v in scope._fields.items() if v is not None})
        return {name: value for name, value in merged.items() if value is not _CLEARED}

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of this scope and its parents, nearest first, each once."""
        return tuple(dict.fromkeys(c for scope in self.chain() for c in scope._categories))

    @property
    def prefix(self) -> str:
        """What the log line starts with: the nearest prefix said, "" when none was."""
        return next((s._prefix for s in self.chain() if s._prefix is not None), "")

    def emit(self, event: Event) -> None:
        """Emit an event in this scope. Never raises."""
        self.emitter.emit(self, event)

    def wants(self, cls: type[Event]) -> bool:
        """Whether anybody could hear such an event: ask before computing costly fields."""
        return self.emitter.wants(cls)
