"""Figures of many rounds as one table: medians, and how the servers compare."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.load import Figure, Measurement


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement of all servers, in the order of the servers."""

    name: str
    unit: str
    less_is_better: bool
    medians: Sequence[float]
    spreads: Sequence[float]
    """Largest less smallest, as a share of the median."""
    cpu_seconds: Sequence[float]
    """Medians of the server's processor time."""

    @property
    def ratio(self) -> float:
        """How much better the last server is than the first: 2 is twice as good, 0.5 half."""
        first, last = self.medians[0], self.medians[-1]
        better, worse = (first, last) if self.less_is_better else (last, first)
        return better / worse if worse > 0 else float("inf")


Figures = Mapping[str, Sequence[Figure]]
"""By the server's label."""


def make_row(measurement: Measurement, figures: Figures) -> Row:
    """Medians of one measurement; StatisticsError where a server has no figure for it."""
    columns = [
        [figure for figure in column if figure.name == measurement.name]
        for column in figures.values()
    ]
    values = [[figure.value for figure in column] for column in columns]
    return Row(
        measurement.name,
        measurement.unit,
        measurement.less_is_better,
        [statistics.median(column) for column in values],
        [_spread(column) for column in values],
        [statistics.median(figure.cpu_seconds for figure in column) for column in columns],
    )


def _spread(values: Sequence[float]) -> float:
    middle = statistics.median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def render(rows: Sequence[Row], labels: Sequence[str]) -> str:
    """Text in columns; `ratio` says how much better the last server is than the first."""
    head = ["", "unit", *labels, "ratio", *(f"cpu {label}" for label in labels)]
    cells = [head, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [_line(line, widths) for line in cells]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:], ""])


def _cells(row: Row) -> list[str]:
    pairs = zip(row.medians, row.spreads, strict=True)
    values = [f"{_number(median)} ±{spread / 2:.0%}" for median, spread in pairs]
    unit = f"{row.unit} (less)" if row.less_is_better else row.unit
    cpu = [f"{seconds:.2f} s" for seconds in row.cpu_seconds]
    return [row.name, unit, *values, f"{row.ratio:.2f}", *cpu]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    rest = [cell.strip().rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
    return "  ".join([first, *rest]).rstrip()
