"""What the index says of the last look at a Maildir: Dovecot's struct maildir_index_header.

When the directories' times are still the same nothing has to be read to know the mailbox.
"""

from __future__ import annotations

import os
import struct
import time
from typing import Final

import msgspec

from culver.index.specs import MAILDIR
from culver.index.state import IndexState
from culver.index.transaction import Transaction

_LAYOUT: Final = struct.Struct("<9I")
_SYNC_SECS: Final = 1
"""A directory that was changed within the second of the look may have been changed after it too
(maildir-sync.c, MAILDIR_SYNC_SECS)."""
_NS: Final = 1_000_000_000


class SyncHeader(msgspec.Struct):
    """Seconds since 1970, and nanoseconds within them; all zero when nobody has looked yet."""

    new_check_time: int = 0
    new_mtime: int = 0
    new_mtime_nsecs: int = 0
    cur_check_time: int = 0
    cur_mtime: int = 0
    cur_mtime_nsecs: int = 0
    uidlist_mtime: int = 0
    uidlist_mtime_nsecs: int = 0
    uidlist_size: int = 0

    @classmethod
    def of(cls, state: IndexState) -> SyncHeader:
        """The header in an index."""
        found = state.find_extension(MAILDIR.name)
        data = b"" if found is None else bytes(found.data)
        return cls(*_LAYOUT.unpack(data[: _LAYOUT.size].ljust(_LAYOUT.size, b"\0")))

    @property
    def times(self) -> tuple[int, int]:
        """The mtimes of new/ and cur/ in nanoseconds."""
        return (
            self.new_mtime * _NS + self.new_mtime_nsecs,
            self.cur_mtime * _NS + self.cur_mtime_nsecs,
        )

    @property
    def look_again_at(self) -> int:
        """When the directories have to be read although their times are the same, in
        nanoseconds; 0: never."""
        checks = [
            check
            for check, mtime in (
                (self.new_check_time, self.new_mtime),
                (self.cur_check_time, self.cur_mtime),
            )
            if check <= mtime + _SYNC_SECS
        ]
        return (min(checks) + _SYNC_SECS + 1) * _NS if checks else 0

    def knows(self, new_mtime: int, cur_mtime: int) -> bool:
        """Whether everything up to these times (nanoseconds) is in the index."""
        again = self.look_again_at
        return self.times == (new_mtime, cur_mtime) and (not again or time.time_ns() < again)

    def knows_uidlist(self, path: str) -> bool:
        """Whether dovecot-uidlist is as it was."""
        try:
            info = os.stat(path)
        except FileNotFoundError:
            return False
        mtime = self.uidlist_mtime * _NS + self.uidlist_mtime_nsecs
        return (info.st_mtime_ns, info.st_size) == (mtime, self.uidlist_size)

    def write(self, transaction: Transaction, state: IndexState) -> None:
        """Put it into an index, unless the index says as much already."""
        old = SyncHeader.of(state)
        same = old.times == self.times and old.uidlist_size == self.uidlist_size
        same = same and (old.uidlist_mtime, old.uidlist_mtime_nsecs) == (
            self.uidlist_mtime,
            self.uidlist_mtime_nsecs,
        )
        if not same or bool(old.look_again_at) != bool(self.look_again_at):
            data = _LAYOUT.pack(*msgspec.structs.astuple(self))
            transaction.set_extension_header(MAILDIR, data)


def sync_header(new_mtime: int, cur_mtime: int, uidlist: str, checked: int) -> SyncHeader:
    """The header after a look.

    Args:
        new_mtime: of new/ in nanoseconds, as of before it was read.
        cur_mtime: of cur/.
        uidlist: path of dovecot-uidlist.
        checked: seconds since 1970 when the look began.
    """
    try:
        info = os.stat(uidlist)
        known = (*divmod(info.st_mtime_ns, _NS), info.st_size)
    except FileNotFoundError:
        known = (0, 0, 0)
    return SyncHeader(checked, *divmod(new_mtime, _NS), checked, *divmod(cur_mtime, _NS), *known)
