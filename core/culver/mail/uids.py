"""Sets of UIDs.  A roaring bitmap: 1..100000 takes 25 bytes, set algebra microseconds."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

UidSet: TypeAlias = BitMap
Ranges: TypeAlias = "tuple[tuple[int, int], ...]"
"""Inclusive (low, high) pairs, low <= high; 0xFFFFFFFF stands for ``*``."""

STAR: int = 0xFFFFFFFF


def uids_to_array(uids: UidSet) -> NDArray[np.uint32]:
    """The UIDs in ascending order."""
    return np.frombuffer(uids.to_array(), dtype=np.uint32)


def among(uids: UidSet, ascending: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The UIDs of the set that are in an ascending array.  Costs what the set is large, not what
    the array is."""
    if not len(ascending):
        return ascending
    wanted = uids_to_array(uids)
    places = np.searchsorted(ascending, wanted)
    places[places == len(ascending)] = 0
    found: NDArray[np.uint32] = wanted[ascending[places] == wanted]
    return found
