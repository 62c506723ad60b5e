"""An open mbox: which UID lies where, as of the last look at the file."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import trio

from culver.errors import Refused
from culver.mail.rows import Rows, make_rows
from culver.mail.storage import Found, MailboxPath, OpenBox
from culver.mail.uids import UidSet
from culver_plugins.mbox import journal
from culver_plugins.mbox.entry import Entry
from culver_plugins.mbox.locks import LockPlan, locked
from culver_plugins.mbox.metadata import Base
from culver_plugins.mbox.settings import MboxSettings

if TYPE_CHECKING:
    from culver_plugins.mbox.save import Pending

Stamp = tuple[int, int, int, int, int]
"""Device, inode, size, mtime and ctime in nanoseconds."""

TICK: Final = 20_000_000
"""Nanoseconds.  File times come from the kernel's clock tick: two changes within one leave the
same times, so a file that was changed just now can't be called known."""

COST_SHARE: Final = 20
"""A full look is put off until it takes at most one part in so many of the time."""


class MboxBox(OpenBox):
    """State of one mbox.  Its methods are synchronous, for use in a thread under ``lock``."""

    max_keywords = 64
    """The rows' limit; the file has none."""

    def __init__(
        self,
        path: MailboxPath,
        file: str,
        control: str,
        uid_validities: str,
        *,
        settings: MboxSettings,
        plan: LockPlan,
        sync: bool,
    ) -> None:
        self.path = path
        self.file = file
        self.control = control
        """Where Dovecot's index of the mailbox is, and our journal."""
        self.uid_validities = uid_validities
        """The directory that says which UIDVALIDITY was given out last."""
        self.settings = settings
        self.plan = plan
        self.sync = sync
        self.key = os.path.realpath(file)
        self.lock = trio.Lock()
        self.untold: list[Found] = []
        """What was found while reading, to be told with the next Found."""
        self.pending: list[Pending] = []
        """Saves that wait for their turn."""
        self.entries: list[Entry] = []
        """All mails in the order of the file; the pseudo message is first, with UID 0."""
        self.by_uid: dict[int, Entry] = {}
        self.keywords: list[str] = []
        self.recent = UidSet()
        self.claimed = UidSet()
        """Recent ones that were given to a session, in a file that can't be written."""
        self.uid_validity = 0
        self.fallback = 0
        """UIDVALIDITY for a file that says none, as Dovecot's index has it; 0: make one."""
        self.uid_next = 1
        self.guid = ""
        self.changed = 0
        self.highest_told = 0
        self.writable = True
        self.stamp: Stamp = (0, 0, 0, 0, 0)
        self.check_at = 0
        """When all headers have to be looked at although the times are the same; 0: not."""
        self.latest = 0
        """The latest mtime that was seen or set, in whole seconds."""
        self.looked_at = 0
        """When the last full look ended, nanoseconds since 1970."""
        self.look_cost = 0
        """Nanoseconds that the last full look took."""

    @contextmanager
    def opened(self, *, write: bool) -> Generator[int]:
        """Hold the locks; gives the open file.  Finishes what a process that died has begun."""
        if not write and journal.exists(self.control):
            with self.opened(write=True):
                pass
        with locked(self.file, self.plan, write=write) as fd:
            if write and journal.exists(self.control):
                journal.recover(fd, self.control, sync=self.sync)
            yield fd

    def is_known(self) -> bool:
        """Whether nothing can have changed since the last look: one stat."""
        try:
            now = stamp_of(os.stat(self.file))
        except (FileNotFoundError, NotADirectoryError):
            raise Refused("NONEXISTENT", "Mailbox was deleted", self.file) from None
        if now != self.stamp:
            return False
        return not self.check_at or time.time_ns() < self.check_at

    def note(self, info: os.stat_result, *, looked: bool) -> None:
        """Everything up to this stat is in ``entries``; ``looked``: all of it was looked at."""
        self.stamp = stamp_of(info)
        self.latest = max(self.latest, int(info.st_mtime))
        now, touched = time.time_ns(), max(info.st_mtime_ns, info.st_ctime_ns)
        due = now + max(TICK, COST_SHARE * self.look_cost)
        if not looked:
            self.check_at = self.check_at or due
        else:
            self.check_at = due if now - touched < TICK else 0
        self.changed = max(self.changed, touched // 1000)

    def set_entries(self, entries: list[Entry]) -> None:
        """Replace all."""
        self.entries = entries
        self.by_uid = {entry.uid: entry for entry in entries if entry.uid}

    @property
    def base(self) -> Base:
        """What the first header has to say."""
        return Base(self.uid_validity, self.uid_next - 1, tuple(self.keywords))

    def mask(self, names: Iterable[str]) -> int:
        """The known keywords as bits; unknown ones are left out."""
        wanted = {name.lower() for name in names}
        return sum(1 << bit for bit, name in enumerate(self.keywords) if name.lower() in wanted)

    def names(self, mask: int) -> tuple[str, ...]:
        """The keywords of bits."""
        return tuple(name for bit, name in enumerate(self.keywords) if mask >> bit & 1)

    def add_keywords(self, names: Iterable[str]) -> bool:
        """Take new ones into the list; whether there were any.  Refused LIMIT when it is full,
        and CANNOT for a name that can't be in a header."""
        known = {name.lower() for name in self.keywords}
        new = list({name.lower(): name for name in names if name.lower() not in known}.values())
        if len(self.keywords) + len(new) > self.max_keywords:
            raise Refused("LIMIT", f"A mailbox can have at most {self.max_keywords} keywords")
        for name in new:
            if not name or len(name.split()) != 1 or name.strip() != name or "\0" in name:
                raise Refused("CANNOT", "Invalid keyword")
        self.keywords += new
        return bool(new)

    def rows(self, uids: Sequence[int]) -> Rows:
        """The columns of mails that are there."""
        found = [self.by_uid[uid] for uid in uids]
        return make_rows(
            uids,
            [entry.flags for entry in found],
            [entry.keywords for entry in found],
            [entry.size for entry in found],
        )


def stamp_of(info: os.stat_result) -> Stamp:
    """What tells one state of the file from another."""
    return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns
