"""Changes asked for, and changes seen."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.mail.uids import UidSet


class FlagChange(msgspec.Struct, kw_only=True, frozen=True):
    """A change of flags, the same for every message it is applied to.

    ``replace`` sets exactly the given flags and keywords; ``add`` and ``remove`` touch only
    those.  With ``unchanged_since`` a message whose modification sequence is higher is left
    alone and reported in :attr:`Stored.modified` (RFC 7162 3.1.3).
    """

    mode: Literal["add", "remove", "replace"]
    flags: int = 0
    keywords: tuple[str, ...] = ()
    unchanged_since: int | None = None


class Stored(msgspec.Struct, frozen=True):
    """What a flag change did."""

    changed: UidSet
    """UIDs that exist and now have the asked-for flags (also those that had them before)."""
    modified: UidSet
    """UIDs left alone because of ``unchanged_since``."""
    modseq: int
    """The modification sequence given to those whose flags really changed."""


class Changes(msgspec.Struct, frozen=True):
    """How a view advanced.  Apply in this order: expunged, appeared, flags."""

    expunged_seqs: NDArray[np.uint32]
    """Ascending, in the numbering before this sync; send them highest first."""
    expunged_uids: UidSet
    appeared: int
    """How many messages were added at the end; 0 when none."""
    flags: UidSet
    """UIDs whose flags, keywords or modseq changed, own changes of the view left out."""
    highest_modseq: int

    def __bool__(self) -> bool:
        return bool(len(self.expunged_seqs) or self.appeared or self.flags)
