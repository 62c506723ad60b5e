"""A column: one value (or one row of bytes) per message, growing at its end."""

import itertools
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]

_FEW: Final = 64
"""Up to so many values are removed by copying the parts between them."""


class Column:
    """An array with spare room, so that an append does not copy a large mailbox.

    An array handed out by `values` keeps its length and, after an expunge, its content: views
    of sessions share it without a copy. Values changed in place are seen through it.
    """

    __slots__ = ("_count", "_store")

    def __init__(self, values: Array) -> None:
        self._store = values
        self._count = len(values)

    @property
    def values(self) -> Array:
        """The values, perhaps a strided view of a file's records; not for writing."""
        return self._store[: self._count]

    def own(self) -> Array:
        """Return the values for writing: contiguous, no longer the file's bytes."""
        if not self._store.flags.writeable or not self._store.flags.c_contiguous:
            self._store = np.array(self.values, order="C")
        return self.values

    def extend(self, values: Array) -> None:
        """Add values at the end; zeros fill the columns of rows that values lack."""
        start, end = self._count, self._count + len(values)
        if end > len(self._store) or not self._store.flags.writeable:
            self._grow(end)
        self._store[start:end] = values
        self._count = end

    def extend_zeros(self, count: int) -> None:
        """Add count zeros (or rows of zeros) at the end."""
        self.extend(np.zeros((count, *self._store.shape[1:]), self._store.dtype))

    def drop(self, places: Array) -> None:
        """Remove the values at places, which ascend. Arrays handed out before keep theirs."""
        values = self.own()
        if len(places) <= _FEW:
            edges = [-1, *places.tolist(), len(values)]
            parts = [values[a + 1 : b] for a, b in itertools.pairwise(edges)]
            self._store = np.concatenate(parts)
        else:
            # One wide element per row: numpy takes rows of bytes apart otherwise.
            wide = values if values.ndim == 1 else _wide(values)
            left = np.delete(wide, places)
            self._store = left.view(values.dtype).reshape(len(left), *values.shape[1:])
        self._count = len(self._store)

    def widen(self, width: int) -> None:
        """Make rows width bytes wide, cut off or filled with zeros at their end."""
        old = self.values
        new = np.zeros((len(old), width), np.uint8)
        shared = min(width, old.shape[1])
        new[:, :shared] = old[:, :shared]
        self._store = new

    def _grow(self, needed: int) -> None:
        old = self.values
        # An eighth more: appends one by one then copy each value eight times at most, and a
        # mailbox that only grows by a few messages does not pay double memory.
        store = np.zeros((needed + needed // 8 + 8, *old.shape[1:]), old.dtype)
        store[: len(old)] = old
        self._store = store


def _wide(rows: Array) -> Array:
    width = rows.shape[1]
    return rows.view(f"V{width}")[:, 0] if width else np.empty(len(rows), "V0")
