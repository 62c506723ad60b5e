"""What a listener gets: an event, the scope it was emitted in, and when."""

from collections.abc import Container

from culver_events.categories import lineage
from culver_events.event import Event, EventInfo, FieldValue, Label, Level, event_info
from culver_events.scope import Scope


class Record:
    """One emission. Listeners read it and keep nothing of it but values.

    `time` is in microseconds since the epoch. `source` ("file:line" of the emitter) is None unless
    some filter asks for `source_location`, because finding it costs more than the emission.
    """

    __slots__ = ("event", "info", "scope", "source", "time")

    def __init__(self, event: Event, scope: Scope, time: int, source: str | None = None) -> None:
        self.event = event
        self.scope = scope
        self.time = time
        self.source = source
        self.info: EventInfo = event.__event_info__

    @property
    def name(self) -> str:
        """The event's name, such as `imap_command_finished`."""
        return self.info.name

    @property
    def level(self) -> Level:
        """Loudness: the class's, or the one that this log message carries."""
        return getattr(self.event, "level", self.info.level)

    @property
    def duration(self) -> int:
        """Microseconds since the scope began; never negative, even if the clock was set back."""
        return max(0, self.time - self.scope.created)

    @property
    def categories(self) -> tuple[str, ...]:
        """All categories, parents included, each once. Log levels aren't among them."""
        own = (self.info.category,) if self.info.category else ()
        given = (*own, *self.scope.categories)
        return tuple(dict.fromkeys(name for one in given for name in lineage(one)))

    def get(self, field: str) -> FieldValue | None:
        """A field of the event, else of its scope; None when absent."""
        if field in self.info.field_names:
            value: FieldValue | None = getattr(self.event, field)
            if value is not None:
                return value
        if field == "duration":
            return self.duration
        return self.scope.get(field)

    def fields(self, without: Container[str] = ()) -> dict[str, FieldValue]:
        """Everything that may be shown: inherited fields, then the event's. Never a secret.

        `without` names fields to leave out (an exporter that must not show personal ones).
        """
        merged = self.scope.fields()
        for field in event_info(type(self.event)).fields:
            value: FieldValue | None = getattr(self.event, field.name)
            if field.label is Label.SECRET:
                merged.pop(field.name, None)
            elif value is not None:
                merged[field.name] = value
        if without:
            return {name: value for name, value in merged.items() if name not in without}
        return merged
