"""All metrics of a server: one listener for the bus, and a reload that forgets nothing."""

from collections.abc import Callable, Iterable, Iterator

from culver_events.event import Event
from culver_events.filter import compile_filter
from culver_events.metrics.definition import MetricDefinition, MetricError
from culver_events.metrics.metric import Metric
from culver_events.record import Record
from culver_events.registry import EventRegistry


class Metrics:
    """A listener that counts. Subscribe it with itself as the filter:
    `bus.subscribe(metrics.hear, metrics)`; after `load`, `add` or `remove`, `bus.refresh()`."""

    def __init__(
        self, registry: EventRegistry, definitions: Iterable[MetricDefinition] = ()
    ) -> None:
        self.registry = registry
        self._metrics: dict[str, Metric] = {}
        self._routes: dict[type[Event], tuple[Metric, ...]] = {}
        self.load(definitions)

    def load(self, definitions: Iterable[MetricDefinition]) -> None:
        """Replace the definitions. A metric that is defined as before keeps its values.

        Raises MetricError for a name said twice and FilterError for a bad filter; then nothing
        has changed.
        """
        loaded: dict[str, Metric] = {}
        for definition in definitions:
            if definition.name in loaded:
                raise MetricError(definition.name, "name", definition.name, "a name of its own")
            loaded[definition.name] = self._metric(definition)
        self._metrics = loaded
        self._routes = {}

    def _metric(self, definition: MetricDefinition) -> Metric:
        known = self._metrics.get(definition.name)
        if known is not None and known.definition == definition:
            return known
        return Metric(definition, compile_filter(definition.filter, self.registry))

    def add(self, definition: MetricDefinition) -> None:
        """Add one while running (`stats add`). Raises as `load` does."""
        self.load([*(metric.definition for metric in self), definition])

    def remove(self, name: str) -> bool:
        """Remove one (`stats remove`); False when there is none of that name."""
        if name not in self._metrics:
            return False
        self.load([metric.definition for metric in self if metric.definition.name != name])
        return True

    def reset(self) -> None:
        """Forget all values (`stats dump -r`)."""
        for metric in self:
            metric.reset()

    def __iter__(self) -> Iterator[Metric]:
        """The metrics in the order of their definition."""
        return iter(self._metrics.values())

    def __getitem__(self, name: str) -> Metric:
        """One metric by name; KeyError when there is none."""
        return self._metrics[name]

    @property
    def uses_source(self) -> bool:
        """Whether a filter reads the source location."""
        return any(metric.filter.uses_source for metric in self)

    def bind(self, cls: type[Event]) -> Callable[[Record], bool] | None:
        """As a filter: whether any metric could count such an event."""
        return _all_of_it if self._route(cls) else None

    def hear(self, record: Record) -> None:
        """Count the record in each metric whose filter it passes."""
        for metric in self._route(type(record.event)):
            if metric.filter(record):
                metric.hear(record)

    def _route(self, cls: type[Event]) -> tuple[Metric, ...]:
        route = self._routes.get(cls)
        if route is None:
            route = tuple(metric for metric in self if metric.filter.can_match(cls))
            self._routes[cls] = route
        return route


def _all_of_it(record: Record) -> bool:
    return True
