"""Log records about messages: append, expunge, flags, keywords, modseqs."""

import struct
from typing import ClassVar, Final

import numpy as np

from culver.index import logrecord
from culver.index.column import Array
from culver.index.errors import BadRecord
from culver.index.logrecord import RANGE, LogRecord, check_ranges, decode_array
from culver.index.packing import padded

MESSAGE = np.dtype([("uid", "<u4"), ("flags", "u1"), ("unused", "V3")])
GUID = np.dtype([("uid", "<u4"), ("guid", "V16")])
FLAGS = np.dtype(
    [
        ("uid1", "<u4"),
        ("uid2", "<u4"),
        ("add", "u1"),
        ("remove", "u1"),
        ("raise_modseq", "u1"),
        ("unused", "u1"),
    ]
)
MODSEQ = np.dtype([("uid", "<u4"), ("low", "<u4"), ("high", "<u4")])

ADD: Final = 0
REMOVE: Final = 1

_KEYWORD = struct.Struct("<BxH")


class Append(LogRecord):
    """New messages: an array of MESSAGE with ascending UIDs."""

    TYPE: ClassVar[int] = logrecord.APPEND
    messages: Array

    @classmethod
    def decode(cls, payload: bytes) -> "Append":
        messages = decode_array(payload, MESSAGE, "append")
        uids = messages["uid"]
        if uids[0] == 0 or not (uids[1:] > uids[:-1]).all():
            raise BadRecord("append UIDs", uids[:4].tolist(), "ascending, from 1")
        return cls(messages=messages)

    def encode(self) -> bytes:
        return self.messages.tobytes()


class Expunge(LogRecord):
    """Messages removed by an array of RANGE. Only old versions write it."""

    TYPE: ClassVar[int] = logrecord.EXPUNGE | logrecord.EXPUNGE_PROT
    ranges: Array

    @classmethod
    def decode(cls, payload: bytes) -> "Expunge":
        ranges = decode_array(payload, RANGE, "expunge")
        check_ranges(ranges, "expunge")
        return cls(ranges=ranges)

    def encode(self) -> bytes:
        return self.ranges.tobytes()


class ExpungeGuid(LogRecord):
    """Messages removed: an array of GUID; a GUID of zeros means not known."""

    TYPE: ClassVar[int] = logrecord.EXPUNGE_GUID | logrecord.EXPUNGE_PROT
    messages: Array

    @classmethod
    def decode(cls, payload: bytes) -> "ExpungeGuid":
        messages = decode_array(payload, GUID, "expunge guid")
        if not messages["uid"].all():
            raise BadRecord("expunge guid UID", 0, "at least 1")
        return cls(messages=messages)

    def encode(self) -> bytes:
        return self.messages.tobytes()


class FlagUpdate(LogRecord):
    """An array of FLAGS: bits to add and to remove for ascending ranges of UIDs."""

    TYPE: ClassVar[int] = logrecord.FLAG_UPDATE
    updates: Array

    @classmethod
    def decode(cls, payload: bytes) -> "FlagUpdate":
        updates = decode_array(payload, FLAGS, "flag update")
        check_ranges(updates, "flag update")
        return cls(updates=updates)

    def encode(self) -> bytes:
        return self.updates.tobytes()


class KeywordUpdate(LogRecord):
    """One keyword added to or removed from (modify: ADD, REMOVE) ranges of UIDs."""

    TYPE: ClassVar[int] = logrecord.KEYWORD_UPDATE
    modify: int
    name: str
    ranges: Array

    @classmethod
    def decode(cls, payload: bytes) -> "KeywordUpdate":
        if len(payload) < _KEYWORD.size:
            raise BadRecord("keyword update size", len(payload), "at least 4")
        modify, size = _KEYWORD.unpack_from(payload)
        start = _KEYWORD.size + size
        name = payload[_KEYWORD.size : start]
        if not name or b"\0" in name or modify > REMOVE:
            raise BadRecord("keyword update", (modify, name), "ADD or REMOVE of a name")
        ranges = decode_array(payload[start + -start % 4 :], RANGE, "keyword update")
        check_ranges(ranges, "keyword update")
        return cls(modify=modify, name=name.decode("utf-8", "surrogateescape"), ranges=ranges)

    def encode(self) -> bytes:
        name = self.name.encode("utf-8", "surrogateescape")
        return padded(_KEYWORD.pack(self.modify, len(name)) + name) + self.ranges.tobytes()


class KeywordReset(LogRecord):
    """All keywords removed from ranges of UIDs."""

    TYPE: ClassVar[int] = logrecord.KEYWORD_RESET
    ranges: Array

    @classmethod
    def decode(cls, payload: bytes) -> "KeywordReset":
        ranges = decode_array(payload, RANGE, "keyword reset")
        check_ranges(ranges, "keyword reset")
        return cls(ranges=ranges)

    def encode(self) -> bytes:
        return self.ranges.tobytes()


class ModseqUpdate(LogRecord):
    """An array of MODSEQ: least modseqs of messages; UID 0 raises only the mailbox's."""

    TYPE: ClassVar[int] = logrecord.MODSEQ_UPDATE
    updates: Array

    @classmethod
    def decode(cls, payload: bytes) -> "ModseqUpdate":
        return cls(updates=decode_array(payload, MODSEQ, "modseq update"))

    def encode(self) -> bytes:
        return self.updates.tobytes()

    def modseqs(self) -> Array:
        """Return the modseqs as u64."""
        low = self.updates["low"].astype(np.uint64)
        return low | self.updates["high"].astype(np.uint64) << np.uint64(32)
