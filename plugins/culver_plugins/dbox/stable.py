"""Read columns of an index that another thread may be changing at this moment."""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from culver.index.specs import ExtensionSpec
from culver.index.state import IndexState

_PATIENCE: Final = 10_000
"""Tries, a tenth of a millisecond apart: a change is applied within microseconds."""

Bytes = NDArray[np.uint8]


def stable_rows(state: IndexState, *specs: ExtensionSpec) -> tuple[NDArray[np.uint32], list[Bytes]]:
    """UIDs and the rows of bytes of extensions, belonging together; zeros for one that is not
    there.

    Columns are changed one after the other and never in place where their length changes, so
    rows of another length, or of another generation, were caught in the middle.  Rows are read
    before the UIDs: a change begins with those.
    """
    for _ in range(_PATIENCE):
        generation = state.generation
        rows = [_rows(state, spec) for spec in specs]
        uids = state.uids
        whole = all(found is None or len(found) == len(uids) for found in rows)
        if whole and state.generation == generation:
            sizes = [spec.record_size for spec in specs]
            return uids, [
                np.zeros((len(uids), size), np.uint8) if found is None else found
                for found, size in zip(rows, sizes, strict=True)
            ]
        time.sleep(0.0001)
    raise TimeoutError("the index did not come to rest")


def _rows(state: IndexState, spec: ExtensionSpec) -> Bytes | None:
    found = state.find_extension(spec.name)
    if found is None or found.record_size != spec.record_size:
        return None
    return np.ascontiguousarray(found.rows.values)


def places_of(uids: NDArray[np.uint32], wanted: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Where each wanted UID is among ascending ones; -1 for those that are not."""
    places = np.searchsorted(uids, wanted)
    places[places == len(uids)] = 0
    missing = uids[places] != wanted if len(uids) else np.ones(len(wanted), np.bool_)
    places[missing] = -1
    return places
