"""Flags and keywords as an index last had them, for its rebuild (R4-047, R4-048)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from culver.index.engine import MailboxIndex
from culver.index.errors import IndexCorrupted
from culver.index.loading import read_index
from culver.index.state import IndexState
from culver.mail.flags import STORED_FLAGS


class Remembered(msgspec.Struct, frozen=True):
    """What a mail had."""

    flags: int = 0
    keywords: tuple[str, ...] = ()


def remembered(files: MailboxIndex) -> dict[int, Remembered]:
    """What is known of every UID: from the index, or where that has none from its backup."""
    known: dict[int, Remembered] = {}
    for state in (_backup(files), files.state):
        if state is not None:
            known |= {
                uid: Remembered(flags & STORED_FLAGS, _keywords(state, place))
                for place, (uid, flags) in enumerate(
                    zip(state.uids.tolist(), state.flags.tolist(), strict=True)
                )
            }
    return known


def _keywords(state: IndexState, place: int) -> tuple[str, ...]:
    return tuple(state.keyword_names(place)) if len(state.keywords) else ()


def _backup(files: MailboxIndex) -> IndexState | None:
    try:
        return read_index(f"{files.path}.backup")
    except (IndexCorrupted, OSError):
        return None


def refill(
    files: MailboxIndex,
    uids: Sequence[int],
    known: dict[int, Remembered],
) -> None:
    """Append mails to an index that was just started anew, with what is known of them."""
    begin = files.begin()
    for uid in uids:
        had = known.get(uid) or Remembered()
        begin.append(had.flags, uids=[uid], keywords=had.keywords)
    begin.commit()
