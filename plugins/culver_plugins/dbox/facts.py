"""What the files say of mails, kept for a while: it never changes while a mail lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from culver_plugins.dbox.metadata import Metadata

_MOST: Final = 8192
"""Mails of which a mailbox keeps them; what is asked for again and again is in its columns."""


class Facts(msgspec.Struct, frozen=True):
    """Of one mail; of a mail that is gone the defaults."""

    guid: str = ""
    received: int = -1
    """INTERNALDATE, seconds since 1970."""
    saved: int = -1
    """When it came into this mailbox, seconds since 1970."""
    size: int = -1
    """RFC822.SIZE in bytes."""

    @classmethod
    def of(cls, metadata: Metadata, saved: int) -> Facts:
        """From the metadata and the date that the format has elsewhere."""
        return cls(metadata.guid, metadata.received, saved, metadata.virtual_size)


GONE: Final = Facts()


class FactCache:
    """Facts by UID."""

    def __init__(self) -> None:
        self._known: dict[int, Facts] = {}

    def missing(self, uids: Iterable[int]) -> list[int]:
        """Those that are not known."""
        return [uid for uid in uids if uid not in self._known]

    def put(self, uids: Sequence[int], facts: Sequence[Facts]) -> None:
        """Take facts, those of mails that are gone left out."""
        if len(self._known) + len(uids) > _MOST:
            self._known.clear()
        found = zip(uids, facts, strict=True)
        self._known.update((uid, fact) for uid, fact in found if fact is not GONE)

    def get(self, uids: Iterable[int]) -> list[Facts]:
        """What is known."""
        return [self._known.get(uid, GONE) for uid in uids]
