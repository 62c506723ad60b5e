"""Records of dovecot.index.log: types, the common base, and decoding by type."""

from typing import ClassVar, Final

import msgspec
import numpy as np
import numpy.typing as npt

from culver.index.column import Array
from culver.index.errors import BadRecord

EXPUNGE: Final = 0x1
APPEND: Final = 0x2
FLAG_UPDATE: Final = 0x4
HEADER_UPDATE: Final = 0x20
EXT_INTRO: Final = 0x40
EXT_RESET: Final = 0x80
EXT_HDR_UPDATE: Final = 0x100
EXT_REC_UPDATE: Final = 0x200
KEYWORD_UPDATE: Final = 0x400
KEYWORD_RESET: Final = 0x800
EXT_ATOMIC_INC: Final = 0x1000
EXPUNGE_GUID: Final = 0x2000
MODSEQ_UPDATE: Final = 0x8000
EXT_HDR_UPDATE32: Final = 0x10000
INDEX_DELETED: Final = 0x20000
INDEX_UNDELETED: Final = 0x40000
BOUNDARY: Final = 0x80000
ATTRIBUTE_UPDATE: Final = 0x100000

TYPE_MASK: Final = 0x0FFFFFFF
EXPUNGE_PROT: Final = 0xCD90
"""Part of the type of every expunge, so that a flipped bit cannot make one."""
EXTERNAL: Final = 0x10000000
"""The change already happened to the mailbox; without it, it is a request to make it."""
SYNC: Final = 0x20000000
"""The change copies another replica's."""

RANGE = np.dtype([("uid1", "<u4"), ("uid2", "<u4")])
"""An inclusive range of UIDs."""


class LogRecord(msgspec.Struct, kw_only=True, eq=False):
    """One record of the log; by itself one without content. Subclasses say TYPE and content.

    Attributes:
        external: the change already happened to the mailbox.
        sync: it copies another replica's.
    """

    TYPE: ClassVar[int] = 0
    external: bool = True
    sync: bool = False

    @classmethod
    def decode(cls, payload: bytes) -> "LogRecord":
        """Return the record with this payload, flags as default.

        Raises:
            BadRecord: the payload breaks the type's format.
        """
        return cls()

    def encode(self) -> bytes:
        """Return the payload, a multiple of 4 bytes and not empty."""
        return bytes(4)

    def kind(self) -> int:
        """Return the type word of the record, flags included."""
        return self.TYPE | (EXTERNAL if self.external else 0) | (SYNC if self.sync else 0)


def decode_array(payload: bytes, dtype: np.dtype[np.void], what: str) -> Array:
    """Return payload as an array of dtype, without a copy.

    Raises:
        BadRecord: payload is empty or not a multiple of dtype's size.
    """
    if not payload or len(payload) % dtype.itemsize:
        raise BadRecord(f"{what} size", len(payload), f"a multiple of {dtype.itemsize}, not 0")
    return np.frombuffer(payload, dtype)


def check_ranges(ranges: Array, what: str) -> None:
    """Check that uid1..uid2 are not empty, without zero, ascending and apart.

    Raises:
        BadRecord: they are not.
    """
    first, last = ranges["uid1"], ranges["uid2"]
    if len(ranges) == 1 and 0 < first[0] <= last[0]:
        return
    fine = first[0] != 0 and (first <= last).all() and (first[1:] > last[:-1]).all()
    if not fine:
        raise BadRecord(f"{what} UID ranges", ranges[:4].tolist(), "ascending, from 1, apart")


def as_ranges(uids: npt.ArrayLike) -> Array:
    """Return ascending, distinct UIDs as ranges of adjacent ones."""
    found = np.asarray(uids, np.uint32)
    if len(found) < 2:
        return np.array([(uid, uid) for uid in found.tolist()], RANGE)
    breaks = np.flatnonzero(np.diff(found) != 1)
    ranges = np.empty(len(breaks) + 1, RANGE)
    ranges["uid1"] = found[np.concatenate(([0], breaks + 1))]
    ranges["uid2"] = found[np.concatenate((breaks, [len(found) - 1]))]
    return ranges
