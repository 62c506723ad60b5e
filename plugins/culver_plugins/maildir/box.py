"""An open Maildir: which UID is which file, as of the last look at the directories."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Sequence, Set
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

import trio

from culver.errors import Refused
from culver.index.state import IndexState
from culver.mail.dotlock import dotlock
from culver.mail.rows import Rows, make_rows
from culver.mail.storage import Found, MailboxPath, OpenBox
from culver.mail.uids import UidSet
from culver_plugins.maildir.filename import MAX_KEYWORDS, base_of, flags_of, sizes_of
from culver_plugins.maildir.keywords import Keywords
from culver_plugins.maildir.permissions import permissions_of
from culver_plugins.maildir.uidlist import Damaged, Uidlist
from culver_plugins.maildir.uidvalidity import next_uid_validity

if TYPE_CHECKING:
    from culver_plugins.maildir.save import Pending

Stamp = tuple[int, int, int]
"""Inode of cur/, and the mtimes of new/ and cur/ in nanoseconds."""

TICK: Final = 20_000_000
"""Nanoseconds.  File times come from the kernel's clock tick (1 to 10 ms): two changes within
one tick leave the same mtime, so a directory that was changed just now can't be called known."""

_CHECK_PER_FILE: Final = 20_000
"""Nanoseconds per mail after which a change of our own is followed by a full look.  Between the
stat before our change and the stat after it another program's change goes unseen, for this long at
most; looking takes a twentieth of that time, so it never takes more of the processor."""


class MaildirBox(OpenBox):
    """State of one Maildir.  Its methods are synchronous, for use in a thread under ``lock``."""

    max_keywords = MAX_KEYWORDS

    def __init__(self, path: MailboxPath, directory: str, control: str, root: str, *, sync: bool):
        self.path = path
        self.directory = directory
        self.control = control
        self.root = root
        self.sync = sync
        self.key = os.path.realpath(directory)
        self.lock = trio.Lock()
        self.permissions = permissions_of(directory)
        self.uidlist = Uidlist(control)
        self.keyword_file = Keywords(control)
        self.keywords = self.keyword_file.names
        self.untold: list[Found] = []
        """What was found while reading, to be told with the next Found."""
        self.pending: list[Pending] = []
        """Saves that wait for their commit."""
        self.trust_names = True
        """Whether S= and W= are believed (maildir_broken_filename_sizes)."""
        self.files: dict[int, str] = {}
        """UID -> ``cur/<name>`` or ``new/<name>``.  With an index it may lack mails that nobody
        asked for yet, and names may be old: a look at the directories mends that."""
        self.has_index = False
        """Whether flags are kept in index files too (not with INDEX=MEMORY)."""
        self.names_old = False
        """Whether others changed the files since ``files`` was read, and told the index."""
        self.indexed: set[int] = set()
        """With an index: the UIDs that it has, as of :meth:`take_index`."""
        self._lock_depth = 0
        self.recent = UidSet()
        self.unnamed = 0
        """Letters, as bits, that were seen in file names before dovecot-keywords named them:
        Dovecot renames the files first."""
        self.uid_validity = 0
        self.uid_next = 1
        self.guid = ""
        self.changed = 0
        self.highest_told = 0
        self.stamp: Stamp = (0, 0, 0)
        self.check_at = 0
        """When a full look is due although the stamp is the same; 0: not."""

    def file(self, uid: int) -> str | None:
        """The absolute path of a mail."""
        name = self.files.get(uid)
        return None if name is None else f"{self.directory}/{name}"

    def look(self) -> Stamp:
        """The stamp now.  Refused NONEXISTENT when the mailbox was deleted."""
        try:
            new, cur = os.stat(f"{self.directory}/new"), os.stat(f"{self.directory}/cur")
        except FileNotFoundError:
            raise Refused("NONEXISTENT", "Mailbox was deleted", self.directory) from None
        return cur.st_ino, new.st_mtime_ns, cur.st_mtime_ns

    def is_known(self) -> bool:
        """Whether nothing can have changed since the last look: two stats."""
        if self.look() != self.stamp:
            return False
        if self.unnamed:
            self.keyword_file.read()
            if self.unnamed & self.keyword_bits():
                return False
        return not self.check_at or time.time_ns() < self.check_at

    def note(self, stamp: Stamp, *, own: bool = False) -> None:
        """Everything up to this stamp is in ``files``."""
        if stamp[0] != self.stamp[0] and self.stamp[0]:
            raise Refused("NONEXISTENT", "Mailbox was deleted", self.directory)
        self.stamp = stamp
        now, touched = time.time_ns(), max(stamp[1:])
        if own:
            due = now + TICK + _CHECK_PER_FILE * len(self.files)
            self.check_at = self.check_at or due
        else:
            self.check_at = now if now - touched < TICK else 0
        self.changed = max(self.changed, touched // 1000)

    @contextmanager
    def locked(self) -> Generator[None]:
        """Hold dovecot-uidlist.lock.  May be nested."""
        with ExitStack() as stack:
            if not self._lock_depth:
                mode = self.permissions.file_mode
                stack.enter_context(dotlock(self.uidlist.path, mode=mode))
            self._lock_depth += 1
            try:
                yield
            finally:
                self._lock_depth -= 1

    def told(self) -> Set[int]:
        """The UIDs that a look must find, or they are gone."""
        return self.indexed if self.has_index else self.files.keys()

    def take_index(self, state: IndexState) -> None:
        """Take over which UIDs the index has, before a look under its lock."""
        self.indexed = set(state.uids.tolist())
        self.uid_next = max(self.uid_next, state.header.next_uid)
        self.highest_told = state.header.next_uid - 1
        # A list that was lost, or put back from a backup, must not give UIDs a second time.
        self.uidlist.next_uid = max(self.uidlist.next_uid, state.header.next_uid)

    def load(self) -> None:
        """Read the list of UIDs, making one where there is none.  Called once after opening."""
        try:
            self.uidlist.read()
        except (FileNotFoundError, Damaged):
            with self.locked():
                self.load_locked()
        if self.uidlist.must_rewrite:
            with self.locked():
                self.load_locked()
                self.rewrite(self.uidlist.uids)
        self.keyword_file.read()
        self.take_header()

    def load_locked(self) -> bool:
        """Bring the list up to date under the lock; make one where there is none.  Whether there
        was anything new."""
        news = True
        try:
            news = self.uidlist.read()
        except Damaged:
            # What it said is lost for the mails, so a new validity makes clients fetch anew.
            os.rename(self.uidlist.path, f"{self.uidlist.path}.damaged")
            self._start_list()
        except FileNotFoundError:
            self._start_list()
        if self.uid_validity and self.uidlist.uid_validity != self.uid_validity:
            raise Refused("NONEXISTENT", "UIDVALIDITY changed", self.uidlist.path)
        return news

    def _start_list(self) -> None:
        known = self.uid_validity or next_uid_validity(self.root)
        self.uidlist.start(known)
        self.uidlist.next_uid = self.uid_next
        if self.files:  # deleted under our hands: what we know of it is right
            self.uidlist.uids = {base_of(name[4:]): uid for uid, name in self.files.items()}
        self.uidlist.guid = self.guid
        self.rewrite(self.uidlist.uids)

    def rewrite(self, live: Sequence[str] | dict[str, int]) -> None:
        """Write the list with only these base names."""
        perms = self.permissions
        self.uidlist.rewrite(live, mode=perms.file_mode, gid=perms.gid, sync=self.sync)

    def take_header(self) -> None:
        """Copy what the engine sees from the list."""
        self.uid_validity, self.guid = self.uidlist.uid_validity, self.uidlist.guid
        self.uid_next = self.uidlist.next_uid

    def keyword_bits(self) -> int:
        """The letters that have a name."""
        return sum(1 << bit for bit, name in enumerate(self.keywords) if name)

    def rows(self, uids: Sequence[int]) -> Rows:
        """The columns of mails that are in ``files``."""
        names = [self.files[uid] for uid in uids]
        parsed = [flags_of(name) for name in names]
        known = self.keyword_bits()
        for _, keywords in parsed:
            self.unnamed |= keywords & ~known
        return make_rows(
            uids,
            [flags for flags, _ in parsed],
            [keywords & known for _, keywords in parsed],
            [self._size(uid, name) for uid, name in zip(uids, names, strict=True)],
        )

    def size(self, uid: int) -> int:
        """RFC822.SIZE as the file's name or the list tells it, else -1."""
        name = self.files.get(uid)
        return -1 if name is None else self._size(uid, name)

    def _size(self, uid: int, name: str) -> int:
        size = sizes_of(name)[1] if self.trust_names else -1
        if self.trust_names and size < 0 and uid in self.uidlist.extensions:
            field = self.uidlist.field(uid, "W")
            return int(field) if field.isdigit() else -1
        return size
