"""Ranges that values are grouped in: (-inf, a], (a, b], ... (z, inf)."""

from bisect import bisect_left
from typing import Final

import msgspec

MAX_BUCKETS: Final = 200
"""Ranges of one group. More is a typing error: dashboards choke long before."""


class Buckets(msgspec.Struct, frozen=True):
    """Ascending upper limits, the last range is open. Limits are in the unit of the field."""

    limits: tuple[int, ...]

    def index(self, value: float) -> int:
        """Which range a value is in; limits belong to the range below them."""
        return bisect_left(self.limits, value)

    def name(self, index: int) -> str:
        """`ninf_0`, `1_10`, `11_inf`: the lowest and the highest whole number of the range."""
        low = "ninf" if index == 0 else str(self.limits[index - 1] + 1)
        high = "inf" if index == len(self.limits) else str(self.limits[index])
        return f"{low}_{high}"


def exponential(low: int, high: int, base: int) -> Buckets:
    """Limits base**low ... base**high. Raises ValueError for other bases than 2 and 10, and for
    an empty or too long row."""
    if base not in (2, 10):
        raise ValueError("the base is 2 or 10")
    if not 0 <= low < high <= 63:
        raise ValueError("0 <= lowest power < highest power <= 63")
    return Buckets(tuple(base**power for power in range(low, high + 1)))


def linear(low: int, high: int, step: int) -> Buckets:
    """Limits low, low + step ... up to high. Raises ValueError for an empty or too long row."""
    if step <= 0 or low >= high:
        raise ValueError("minimum < maximum, step > 0")
    limits = tuple(range(low, high + 1, step))
    if len(limits) > MAX_BUCKETS:
        raise ValueError(f"at most {MAX_BUCKETS} ranges")
    return Buckets(limits)
