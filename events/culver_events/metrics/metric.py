"""One metric and what it has counted."""

from collections.abc import Iterator
from typing import Final

from culver_events.event import FieldValue
from culver_events.filter import Filter
from culver_events.metrics.definition import GroupBy, MetricDefinition
from culver_events.metrics.distribution import Distribution
from culver_events.record import Record

OVERFLOW: Final = "_overflow"
"""Group value of everything beyond the cardinality limit."""

Groups = tuple[str | int, ...]
"""One value per group: a text, or the number of a range."""


class Series:
    """The distributions of one combination of group values. `ranged` sums the field that the last
    group divides into ranges: a histogram's sum."""

    __slots__ = ("duration", "fields", "ranged")

    def __init__(self, fields: tuple[str, ...]) -> None:
        self.duration = Distribution()
        self.ranged: float = 0
        self.fields = {name: Distribution() for name in fields}

    def add(self, record: Record) -> None:
        """Count a record. Fields that aren't numbers are counted with the value 0."""
        self.duration.add(record.duration)
        for name, distribution in self.fields.items():
            value = record.get(name)
            if isinstance(value, int | float):
                distribution.add(value)
            elif value is not None:
                distribution.add(0)


class Metric:
    """Counts the records that it is given: in all, and per combination of group values.

    `overflowed` counts records that came after `max_series` combinations existed and had a new one.
    """

    __slots__ = ("definition", "filter", "groups", "overflowed", "total")

    def __init__(self, definition: MetricDefinition, filter: Filter) -> None:
        self.definition = definition
        self.filter = filter
        self.reset()

    def reset(self) -> None:
        """Forget everything counted."""
        self.total = Series(self.definition.fields)
        self.groups: dict[Groups, Series] = {}
        self.overflowed = 0

    def hear(self, record: Record) -> None:
        """Count a record that passed the filter."""
        self.total.add(record)
        if self.definition.group_by:
            series = self._series(record)
            series.add(record)
            last = self.definition.group_by[-1]
            if last.buckets is not None:
                value = record.get(last.field)
                series.ranged += value if isinstance(value, int | float) else 0

    def _series(self, record: Record) -> Series:
        key = tuple(_group_value(group, record) for group in self.definition.group_by)
        series = self.groups.get(key)
        if series is None:
            if len(self.groups) >= self.definition.max_series:
                self.overflowed += 1
                key = tuple(self._overflow(group) for group in self.definition.group_by)
            series = self.groups.setdefault(key, Series(self.definition.fields))
        return series

    @staticmethod
    def _overflow(group: GroupBy) -> str | int:
        # A range has its own limit; sharing the open one keeps a histogram a histogram.
        return OVERFLOW if group.buckets is None else len(group.buckets.limits)

    def rows(self) -> Iterator[tuple[str, Series]]:
        """(name, figures) as `stats dump` prints them: the metric, then each combination as
        `metric_value_value`, ranges as `metric_field_low_high`."""
        yield self.definition.name, self.total
        for key in sorted(self.groups, key=lambda values: tuple(map(str, values))):
            parts = map(group_name, self.definition.group_by, key)
            yield "_".join([self.definition.name, *parts]), self.groups[key]


def group_name(group: GroupBy, value: str | int) -> str:
    """The text of one group value."""
    if group.buckets is None or isinstance(value, str):
        return str(value)
    return f"{group.field}_{group.buckets.name(value)}"


def _group_value(group: GroupBy, record: Record) -> str | int:
    value = record.get(group.field)
    if group.buckets is None:
        return _text(value)
    return group.buckets.index(value) if isinstance(value, int | float) else ""


def _text(value: FieldValue | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, list) else str(value)
