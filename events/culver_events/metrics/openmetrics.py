"""The text that Prometheus and its kin scrape (OpenMetrics 1.0).

Names follow Dovecot's with our prefix: `culver_METRIC_total`,
`culver_METRIC_duration_seconds_total`, `culver_METRIC_FIELD_total`; a metric whose last group is
of ranges is a histogram `culver_METRIC`.
What has no valid name there is left out; `stats dump` still shows it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from culver_events.metrics.distribution import Distribution
from culver_events.metrics.metric import Groups, Metric, Series, group_name
from culver_events.metrics.metrics import Metrics

CONTENT_TYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PREFIX: Final = "culver_"

_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})
_USECS: Final = 1_000_000


def render(metrics: Metrics, version: str, started: float) -> str:
    """The whole page, `# EOF` included. `started` is the server's start in Unix seconds."""
    lines: list[str] = list(_server(version, started))
    families = {"culver_build", "process_start_time_seconds", "culver_metric_overflow"}
    for metric in metrics:
        if _NAME.match(metric.definition.name):
            _extend(lines, families, metric)
    lines += _overflows(metrics)
    lines.append("# EOF\n")
    return "\n".join(lines)


def _server(version: str, started: float) -> Iterator[str]:
    yield "# TYPE process_start_time_seconds gauge"
    yield "# UNIT process_start_time_seconds seconds"
    yield "# HELP process_start_time_seconds Start of the server since the epoch."
    yield f"process_start_time_seconds {started:.3f}"
    yield "# TYPE culver_build info"
    yield "# HELP culver_build What is running."
    yield f"culver_build_info{_labels([('version', version)])} 1"


def _overflows(metrics: Metrics) -> Iterator[str]:
    yield "# TYPE culver_metric_overflow counter"
    yield "# HELP culver_metric_overflow Events counted under _overflow: too many group values."
    for metric in metrics:
        labels = _labels([("metric", metric.definition.name)])
        yield f"culver_metric_overflow_total{labels} {metric.overflowed}"


def _extend(lines: list[str], families: set[str], metric: Metric) -> None:
    # A family may occur once: metric `a` with field `b` and a metric `a_b` share a name.
    for name, family in _families(metric):
        if name not in families:
            families.add(name)
            lines += family


def _families(metric: Metric) -> Iterator[tuple[str, list[str]]]:
    base = PREFIX + metric.definition.name
    note = metric.definition.description or metric.definition.filter
    if _is_histogram(metric):
        yield base, list(_histogram(base, f"Histogram of {note}", metric))
    else:
        rows = ((key, series.duration.count) for key, series in _series(metric))
        yield base, list(_counter(base, f"Events: {note}", None, metric, rows))
    times = ((key, series.duration.sum / _USECS) for key, series in _series(metric))
    name = f"{base}_duration_seconds"
    yield name, list(_counter(name, f"Duration of {note}", "seconds", metric, times))
    for field in metric.definition.fields:
        name = f"{base}_{field}"
        if _NAME.match(name) and field != "duration_seconds":
            yield name, list(_field(name, f"Sum of {field} of {note}", metric, field))


def _series(metric: Metric) -> Iterator[tuple[Groups, Series]]:
    if metric.definition.group_by:
        yield from metric.groups.items()
    else:
        yield (), metric.total


def _head(name: str, kind: str, note: str, unit: str | None = None) -> Iterator[str]:
    yield f"# TYPE {name} {kind}"
    if unit:
        yield f"# UNIT {name} {unit}"
    yield f"# HELP {name} {note.translate(_ESCAPES)}"


def _counter(
    name: str,
    note: str,
    unit: str | None,
    metric: Metric,
    rows: Iterable[tuple[Groups, float]],
) -> Iterator[str]:
    yield from _head(name, "counter", note, unit)
    for key, value in rows:
        yield f"{name}_total{_labels(_pairs(metric, key))} {_number(value)}"


def _field(name: str, note: str, metric: Metric, field: str) -> Iterator[str]:
    # A counter can't fall; a field that was ever negative makes its sum a gauge.
    rows = [(key, series.fields[field]) for key, series in _series(metric)]
    falls = any(distribution.min < 0 for _, distribution in rows)
    yield from _head(name, "gauge" if falls else "counter", note)
    suffix = "" if falls else "_total"
    for key, distribution in rows:
        yield f"{name}{suffix}{_labels(_pairs(metric, key))} {_number(distribution.sum)}"


def _is_histogram(metric: Metric) -> bool:
    groups = metric.definition.group_by
    return bool(groups) and groups[-1].buckets is not None


def _histogram(name: str, note: str, metric: Metric) -> Iterator[str]:
    group = metric.definition.group_by[-1]
    limits = group.buckets.limits if group.buckets else ()
    scale = _USECS if group.field == "duration" else 1
    yield from _head(name, "histogram", note)
    for key, ranges in _by_range(metric).items():
        pairs = _pairs(metric, key)
        count = 0
        for index, limit in enumerate((*limits, None)):
            count += ranges[index].duration.count if index in ranges else 0
            le = "+Inf" if limit is None else _number(float(limit / scale))
            yield f"{name}_bucket{_labels([*pairs, ('le', le)])} {count}"
        if limits and limits[0] >= 0:
            total = sum(series.ranged for series in ranges.values()) / scale
            yield f"{name}_count{_labels(pairs)} {count}"
            yield f"{name}_sum{_labels(pairs)} {_number(total)}"


def _by_range(metric: Metric) -> dict[Groups, dict[int, Series]]:
    """Values of the other groups -> range -> series. Events without the ranged field are in no
    range and so in no histogram."""
    found: dict[Groups, dict[int, Series]] = {}
    for key, series in metric.groups.items():
        if isinstance(key[-1], int):
            found.setdefault(key[:-1], {})[key[-1]] = series
    return found


def _pairs(metric: Metric, key: Groups) -> list[tuple[str, str]]:
    groups = metric.definition.group_by
    return [
        (group.field, group_name(group, value))
        for group, value in zip(groups, key, strict=False)
        if _NAME.match(group.field)
    ]


def _labels(pairs: list[tuple[str, str]]) -> str:
    if not pairs:
        return ""
    inner = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in pairs)
    return f"{{{inner}}}"


def _number(value: float) -> str:
    return repr(value)


def dump(distribution: Distribution, fields: Iterable[str]) -> list[str]:
    """Figures of `stats dump -f`: count, sum, min, max, avg, median, stddev, %NN. ValueError for
    any other name."""
    return [_figure(distribution, field) for field in fields]


def _figure(distribution: Distribution, field: str) -> str:
    if field.startswith("%"):
        return _short(distribution.percentile(float(field[1:])))
    if field in ("count", "sum", "min", "max", "avg", "median", "stddev"):
        return _short(getattr(distribution, field))
    raise ValueError(f"{field}: allowed: count sum min max avg median stddev %NN")


def _short(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}".removesuffix(".00")
