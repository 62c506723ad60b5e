"""How records of the log raise the mailbox's highest modseq (mail-transaction-log-file.c)."""

import struct
from typing import Final

import numpy as np

from culver.index import logrecord, msgrecords
from culver.index.logrecord import EXTERNAL, TYPE_MASK
from culver.index.mailflags import SYSTEM_FLAGS

EXTENSION: Final = "modseq"
HEADER = struct.Struct("<QII")
"""highest_modseq, and the log_seq and log_offset up to which it was counted."""
HIDE_INTERNAL: Final = 0x103
"""Log version (major << 8 | minor) since which changes of internal flags do not count."""

_ALWAYS: Final = frozenset(
    (
        logrecord.APPEND,
        logrecord.KEYWORD_UPDATE,
        logrecord.KEYWORD_RESET,
        logrecord.ATTRIBUTE_UPDATE,
    )
)
_EXPUNGES: Final = frozenset(
    (
        logrecord.EXPUNGE | logrecord.EXPUNGE_PROT,
        logrecord.EXPUNGE_GUID | logrecord.EXPUNGE_PROT,
    )
)


def advance(modseq: int, kind: int, payload: bytes, version: int) -> int:
    """Return the highest modseq after one record.

    Args:
        modseq: the highest before it; 0 while the log does not count (before version 1.1).
        kind: the record's type word.
        payload: its content, not checked yet.
        version: the log's version, major << 8 | minor.
    """
    type_ = kind & TYPE_MASK
    if modseq == 0:
        return _starts_counting(type_, payload)
    if type_ in _ALWAYS:
        return modseq + 1
    if type_ in _EXPUNGES:
        # A request to expunge changes nothing yet.
        return modseq + 1 if kind & EXTERNAL else modseq
    if type_ == logrecord.FLAG_UPDATE:
        return modseq + 1 if _client_sees(payload, version) else modseq
    if type_ == logrecord.MODSEQ_UPDATE:
        return max(modseq, _largest(payload))
    return modseq


def _starts_counting(type_: int, payload: bytes) -> int:
    name = payload[20:26] if payload[18:20] == b"\x06\x00" else b""
    return int(type_ == logrecord.EXT_INTRO and name == EXTENSION.encode())


def _client_sees(payload: bytes, version: int) -> bool:
    if version < HIDE_INTERNAL:
        return True
    whole = len(payload) // msgrecords.FLAGS.itemsize
    if whole == 1:
        return bool((payload[8] | payload[9]) & SYSTEM_FLAGS or payload[10])
    updates = np.frombuffer(payload, msgrecords.FLAGS, whole)
    seen = ((updates["add"] | updates["remove"]) & SYSTEM_FLAGS) | updates["raise_modseq"]
    return bool(seen.any())


def _largest(payload: bytes) -> int:
    whole = len(payload) // msgrecords.MODSEQ.itemsize
    updates = np.frombuffer(payload, msgrecords.MODSEQ, whole)
    if not whole:
        return 0
    return int(msgrecords.ModseqUpdate(updates=updates).modseqs().max())
