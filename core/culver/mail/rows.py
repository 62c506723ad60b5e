"""Messages as columns, the way formats tell of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray


class Rows(msgspec.Struct, frozen=True):
    """Messages as a format sees them, ascending by UID; all columns of the same length."""

    uids: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    """Bits of :data:`culver.mail.flags.STORED_FLAGS`."""
    keywords: NDArray[np.uint64]
    """Bit n stands for ``OpenBox.keywords[n]``."""
    sizes: NDArray[np.int64]
    """RFC822.SIZE; -1 where the format would have to read the mail to know."""

    def __len__(self) -> int:
        return len(self.uids)

    def only(self, mask: NDArray[np.bool_]) -> Rows:
        """The rows for which the mask is true."""
        return Rows(self.uids[mask], self.flags[mask], self.keywords[mask], self.sizes[mask])


def no_rows() -> Rows:
    """Rows of nothing."""
    return make_rows((), (), (), ())


def make_rows(
    uids: Sequence[int], flags: Sequence[int], keywords: Sequence[int], sizes: Sequence[int]
) -> Rows:
    """Columns from lists."""
    return Rows(
        np.array(uids, np.uint32),
        np.array(flags, np.uint8),
        np.array(keywords, np.uint64),
        np.array(sizes, np.int64),
    )


def join_rows(first: Rows, second: Rows) -> Rows:
    """The rows of both, ascending; of a UID that is in both, the second's."""
    if not len(first):
        return second
    uids = np.concatenate((first.uids, second.uids))
    # The last of equal ones: unique() finds the first, so look from behind.
    kept, places = np.unique(uids[::-1], return_index=True)
    order = len(uids) - 1 - places
    return Rows(
        kept,
        np.concatenate((first.flags, second.flags))[order],
        np.concatenate((first.keywords, second.keywords))[order],
        np.concatenate((first.sizes, second.sizes))[order],
    )
