"""What the operator wrote: the definition of one metric, checked."""

import re
from typing import Final

import msgspec

from culver_events.event import Label
from culver_events.filter.errors import nearest
from culver_events.metrics.buckets import Buckets, exponential, linear
from culver_events.registry import EventRegistry

MAX_SERIES: Final = 1000
"""Combinations of group values that one metric keeps; further ones share one series. A label such
as `user` on a large site would otherwise grow until the process dies."""

_NAME: Final = re.compile(r"[^\s{}]+\Z")


class MetricError(ValueError):
    """A metric that can't be: names the metric, the setting, what was found and what is allowed."""

    def __init__(self, metric: str, setting: str, found: str, allowed: str) -> None:
        self.metric = metric
        self.setting = setting
        self.found = found
        self.allowed = allowed
        super().__init__(f"metric {metric}: {setting} = {found}: allowed: {allowed}")


class GroupBy(msgspec.Struct, frozen=True):
    """One level of grouping: by the values of a field, or by ranges of them."""

    field: str
    buckets: Buckets | None = None


class MetricDefinition(msgspec.Struct, frozen=True):
    """A metric. Two equal definitions are the same metric: its values survive a reload."""

    name: str
    filter: str
    fields: tuple[str, ...] = ()
    group_by: tuple[GroupBy, ...] = ()
    description: str = ""
    max_series: int = MAX_SERIES


def define(
    registry: EventRegistry,
    name: str,
    filter: str,
    fields: str = "",
    group_by: str = "",
    description: str = "",
    max_series: int = MAX_SERIES,
) -> MetricDefinition:
    """Read a `metric` block's settings as they stand in the configuration.

    `fields` and `group_by` are separated by blanks; `group_by` knows `field`, `field:discrete`,
    `field:exponential:MIN:MAX:BASE`, `field:linear:MIN:MAX:STEP`. Raises MetricError.
    """
    if not _NAME.match(name):
        raise MetricError(name, "name", repr(name), "a name without blanks and braces")
    if not filter.strip():
        raise MetricError(name, "filter", "nothing", "an event filter; it is mandatory")
    names = tuple(_known(registry, name, "fields", field) for field in fields.split())
    groups = tuple(_group(registry, name, text) for text in group_by.split())
    return MetricDefinition(name, filter, names, groups, description, max_series)


def _known(registry: EventRegistry, metric: str, setting: str, field: str) -> str:
    canonical = registry.canonical(field)
    infos = registry.field_infos(canonical)
    if not infos and canonical != "duration":
        like = nearest(field, registry.field_names())
        hint = f"; did you mean {like}?" if like else ""
        raise MetricError(metric, setting, field, f"a field in docs/reference/events.md{hint}")
    if any(info.label is Label.SECRET for info in infos):
        raise MetricError(metric, setting, field, "fields that aren't secret")
    return canonical


def _group(registry: EventRegistry, metric: str, text: str) -> GroupBy:
    field, _, rest = text.partition(":")
    canonical = _known(registry, metric, "group_by", field)
    method, *args = rest.split(":") if rest else ["discrete"]
    if method == "discrete" and not args:
        return GroupBy(canonical)
    makers = {"exponential": exponential, "linear": linear}
    form = "field, field:exponential:MIN:MAX:BASE or field:linear:MIN:MAX:STEP"
    if method not in makers or len(args) != 3:
        raise MetricError(metric, "group_by", text, form)
    try:
        low, high, step = map(int, args)
        return GroupBy(canonical, makers[method](low, high, step))
    except ValueError as error:
        raise MetricError(metric, "group_by", text, f"{form}; {error}") from error
