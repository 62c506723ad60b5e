"""What is kept of the values of one field: enough for every figure of `stats dump`."""

from math import sqrt
from random import Random
from typing import Final

SAMPLES: Final = 256
"""Values kept for median and percentiles: a uniform sample of all that came (Dovecot keeps as
many). The error of a percentile is a few per cent then; count, sum and the rest are exact."""


class Distribution:
    """Count, sum, minimum, maximum, average, deviation, and percentiles from a sample."""

    __slots__ = ("_mean", "_random", "_samples", "_spread", "count", "max", "min", "sum")

    def __init__(self) -> None:
        self.count = 0
        self.sum: float = 0
        self.min: float = 0
        self.max: float = 0
        self._mean = 0.0
        self._spread = 0.0
        self._samples: list[float] = []
        # Seeded, so that two runs over the same events tell the same.
        self._random = Random(0)

    def add(self, value: float) -> None:
        """Count one value."""
        self.count += 1
        self.sum += value
        if self.count == 1:
            self.min = self.max = value
        elif value < self.min:
            self.min = value
        elif value > self.max:
            self.max = value
        # Welford: a sum of squares would lose small spreads of large values.
        delta = value - self._mean
        self._mean += delta / self.count
        self._spread += delta * (value - self._mean)
        self._sample(value)

    def _sample(self, value: float) -> None:
        if len(self._samples) < SAMPLES:
            self._samples.append(value)
            return
        # Each value of the stream stays with the same probability.
        place = int(self._random.random() * self.count)
        if place < SAMPLES:
            self._samples[place] = value

    @property
    def avg(self) -> float:
        """The mean; 0 without values."""
        return self.sum / self.count if self.count else 0.0

    @property
    def stddev(self) -> float:
        """The population's standard deviation; 0 without values."""
        return sqrt(self._spread / self.count) if self.count else 0.0

    @property
    def median(self) -> float:
        """The middle value of the sample."""
        return self.percentile(50)

    def percentile(self, percent: float) -> float:
        """The smallest sampled value that `percent` of the sample doesn't exceed; 0 without any."""
        if not self._samples:
            return 0.0
        ordered = sorted(self._samples)
        rank = -(-len(ordered) * percent // 100)
        return ordered[min(len(ordered), max(1, int(rank))) - 1]
