"""Medians, ratios, and the table a reader sees."""

import math

import pytest
from tests.bench.load import Figure, Measurement, Target
from tests.bench.table import make_row, render


def nothing(_target: Target) -> float:
    return 0.0


def figures(*values: float) -> list[Figure]:
    return [Figure("x", value, 0.5) for value in values]


@pytest.mark.parametrize(
    ("less_is_better", "first", "last", "ratio"),
    [
        (False, (1.0, 2.0, 90.0), (4.0, 4.0, 4.0), 2.0),
        (True, (2.0,), (4.0,), 0.5),
        (False, (8.0, 8.0), (3.0, 5.0), 0.5),
        (True, (8.0,), (0.0,), math.inf),
    ],
)
def test_a_ratio_above_one_means_that_the_last_is_better(
    less_is_better: bool, first: tuple[float, ...], last: tuple[float, ...], ratio: float
) -> None:
    measurement = Measurement("x", "1/s", nothing, less_is_better)
    row = make_row(measurement, {"a": figures(*first), "b": figures(*last)})
    assert row.ratio == ratio


def test_other_steps_figures_do_not_count() -> None:
    column = [*figures(1.0, 3.0), Figure("y", 1000.0, 9.0)]
    row = make_row(Measurement("x", "1/s", nothing), {"a": column})
    assert (list(row.medians), list(row.spreads), list(row.cpu_seconds)) == ([2.0], [1.0], [0.5])


def test_the_table() -> None:
    row = make_row(
        Measurement("x", "ms", nothing, less_is_better=True),
        {"dovecot": figures(1234.0), "culver": figures(617.0)},
    )
    assert render([row], ["dovecot", "culver"]).splitlines() == [
        "        unit    dovecot   culver  ratio  cpu dovecot  cpu culver",
        "----------------------------------------------------------------",
        "x  ms (less)  1,234 ±0%  617 ±0%   2.00       0.50 s      0.50 s",
    ]
