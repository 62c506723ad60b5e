"""What a mailbox's index has of each mail in an mdbox: where the map has it, since when, its GUID
(R4-041)."""

from __future__ import annotations

import struct
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.index.specs import GUID, MDBOX
from culver.index.state import IndexState
from culver_plugins.dbox.stable import stable_rows

_RECORD: Final = struct.Struct("<II")


class BoxColumns(msgspec.Struct, frozen=True, eq=False):
    """One value per mail, ascending by UID; zeros where the index lacks the extensions."""

    uids: NDArray[np.uint32]
    map_uids: NDArray[np.uint32]
    saved: NDArray[np.uint32]
    """When the mail came into this mailbox, seconds since 1970."""
    guids: NDArray[np.uint8]
    """A row of 16 bytes each."""

    @classmethod
    def of(cls, state: IndexState) -> BoxColumns:
        """The columns of a mailbox's index."""
        uids, (records, guids) = stable_rows(state, MDBOX, GUID)
        numbers = records.view("<u4")
        return cls(uids, numbers[:, 0], numbers[:, 1], guids)

    def guid(self, place: int) -> bytes:
        """The 128 bits of a mail's GUID; zeros when the index lacks it."""
        return bytes(self.guids[place].data)


def box_row(map_uid: int, saved: int) -> NDArray[np.uint8]:
    """The record of one mail."""
    return np.frombuffer(_RECORD.pack(map_uid, saved), np.uint8).reshape(1, -1)


def guid_row(guid: bytes) -> NDArray[np.uint8]:
    """The record of one mail's GUID, 16 bytes."""
    return np.frombuffer(guid, np.uint8).reshape(1, -1)
