"""A mailbox index on disk: opened, followed, locked, written, kept small."""

import contextlib
import os
import time
from collections.abc import Callable, Generator

import msgspec

from culver.index import extrecords
from culver.index.errors import IndexCorrupted, IndexMissing, LockTimeout
from culver.index.follower import Follower
from culver.index.framing import HEAD, frame, transaction
from culver.index.header import FIELDS, TAIL_FIELD
from culver.index.indexfile import write_index
from culver.index.loading import load, read_index
from culver.index.locking import locked
from culver.index.logfile import LogFile, install, new_log
from culver.index.logheader import LogHeader
from culver.index.logrecord import LogRecord
from culver.index.settings import IndexSettings
from culver.index.state import IndexState
from culver.index.transaction import Transaction

_TAIL_FRAME = HEAD + 8
"""Bytes of the record that moves the tail offset."""


class MailboxIndex:
    """The index of one mailbox, as Dovecot and other processes share it.

    Calls block on files and locks, so run them in a thread; one object is for one thread at a
    time, several objects for the same files are fine. Reading takes no lock.

    Args:
        directory: where the files are or shall be.
        settings: see IndexSettings.
        name: the files' name: dovecot.index, dovecot.map.index, dovecot.index.pvt, ...
        clock: unix seconds.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        settings: IndexSettings | None = None,
        *,
        name: str = "dovecot.index",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = os.path.join(directory, name)
        self.settings = settings or IndexSettings()
        self.clock = clock
        self.patience: float | None = None
        """Seconds to wait for another process's lock of the log; None: settings.lock_timeout."""
        self._follower: Follower | None = None
        self._locks = contextlib.ExitStack()
        self._depth = 0
        self._retired: list[LogFile] = []
        self._file_inode = 0
        self._soon = False
        self._log2_checked = False

    @property
    def state(self) -> IndexState:
        """The state as of the last refresh.

        Raises:
            IndexMissing: the index is not open.
        """
        return self._at.state

    @property
    def requests(self) -> list[LogRecord]:
        """Expunges and changes of flags that others asked for and nobody did yet, in order.

        Whoever does them to the mailbox's files, under the lock, commits the external expunges
        together with `Transaction.mark_synced`.
        """
        return self._at.requests

    @property
    def deleted(self) -> bool:
        """Was the mailbox marked as deleted?"""
        return self._at.applier.deleted

    @property
    def _at(self) -> Follower:
        if self._follower is None:
            raise IndexMissing(f"{self.path}: not open")
        return self._follower

    def open(self) -> None:
        """Open the files and read them.

        Raises:
            IndexMissing: there is no index.
            IndexCorrupted: it cannot be read; see repair.
        """
        self._load(skip_broken=False)

    def create(self, uid_validity: int) -> None:
        """Make a new index, or open the one that another process made meanwhile.

        Args:
            uid_validity: IMAP UIDVALIDITY, not 0.
        """
        os.makedirs(os.path.dirname(self.path), 0o777, exist_ok=True)
        log_path = f"{self.path}.log"
        header = self._first_header()
        # A dovecot.index whose log was lost has its UIDVALIDITY.
        first = b"" if header.prev_file_seq else _first_records(uid_validity, 1)
        with (
            new_log(log_path, header, self.settings, first) as log,
            contextlib.closing(log),
        ):
            if not os.path.exists(log_path):
                install(log, keep_old=False)
        self.open()
        if self.state.header.uid_validity == 0:
            begin = self.begin()
            begin.set_header("uid_validity", uid_validity)
            begin.commit()

    def recreate(self, uid_validity: int, next_uid: int = 1, modseq: int = 1) -> None:
        """Start the index anew, empty, whatever is there; every reader starts over.

        Args:
            uid_validity: IMAP UIDVALIDITY, not 0.
            next_uid: UIDs below it were given before.
            modseq: at least the highest modseq that was ever told.
        """
        header = self._first_header()
        header.prev_file_seq = header.prev_file_offset = 0
        header.initial_modseq = max(header.initial_modseq, modseq)
        first = _first_records(uid_validity, next_uid)
        with contextlib.ExitStack() as stack:
            self._hold_old_log(stack, header)
            new = new_log(f"{self.path}.log", header, self.settings, first)
            log = stack.enter_context(contextlib.closing(stack.enter_context(new)))
            install(log, keep_old=False)
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)
        self.open()

    def open_or_create(self, uid_validity: int) -> None:
        """Open the index, make it when it is missing."""
        try:
            self.open()
        except IndexMissing:
            self.create(uid_validity)

    def close(self) -> None:
        """Close the files; open may follow."""
        if self._follower is not None:
            self._follower.log.close()
            self._follower = None

    def begin(self, external: bool = True, sync: bool = False) -> Transaction:
        """Return a new transaction."""
        return Transaction(self, external, sync)

    def refresh(self) -> bool:
        """Read what others wrote since. True if anything changed.

        Raises:
            IndexMissing: the index was removed.
            IndexCorrupted: what is new cannot be read.
        """
        changed = self._at.read()
        while not self._is_current():
            # Whoever rotated held the lock: now the old log is complete.
            changed = self._at.read() or changed
            changed = self._next_log() or changed
        return changed

    @contextlib.contextmanager
    def lock(self) -> Generator[None]:
        """Hold the log's write lock, with everything read that was written. May be nested.

        Raises:
            LockTimeout: another process kept it.
        """
        if self._depth == 0:
            self._acquire()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._locks.close()

    def write(self, records: list[LogRecord], *, durable: bool, synced: bool) -> None:
        """Append records as one transaction and apply them. Only under the lock.

        Args:
            records: what Transaction made.
            durable: fsync, unless settings say never.
            synced: the tail moves to the end of this append.
        """
        at = self._at
        data = transaction(records)
        if synced:
            data += self._tail_record(at.offset + len(data) + _TAIL_FRAME)
        if data:
            fsync = self.settings.fsync
            at.log.append(at.offset, data, fsync == "always" or (durable and fsync != "never"))
            at.consume(data)

    def maintain(self) -> None:
        """Rotate the log or rewrite dovecot.index when it is time. Only under the lock.

        Nothing happens while there are requests: their records must stay in the log, before
        an index file that says they are done.
        """
        if self.requests:
            return
        # What was committed is in the log and stays so: files get smaller another time.
        with contextlib.suppress(OSError, LockTimeout):
            if self._wants_rotation():
                self.rotate()
            elif self._wants_rewrite():
                self.rewrite()

    def rewrite(self) -> None:
        """Write dovecot.index as of now. Only under the lock, and without requests."""
        at = self._at
        write_index(self.path, at.state, self.settings)
        at.file_seq, at.file_tail = at.log.header.file_seq, at.offset
        self._soon = False
        self._file_inode = self._inode()

    def rotate(self) -> None:
        """Start a new log; the old one becomes .log.2. Only under the lock.

        Raises:
            LockTimeout: a process died while it did this, less than three minutes ago.
            OSError: it could not; the old log goes on.
        """
        at = self._at
        h = at.state.header
        header = LogHeader(
            indexid=at.log.header.indexid,
            file_seq=at.log.header.file_seq + 1,
            prev_file_seq=at.log.header.file_seq,
            prev_file_offset=at.offset,
            create_stamp=int(self.clock()),
            initial_modseq=max(1, at.modseq),
        )
        # Under the log's lock only a process that died can be in the way: do not wait for it.
        at_once = msgspec.structs.replace(self.settings, lock_timeout=0.0)
        with new_log(at.log.path, header, at_once) as log:
            # Descriptors stay open until their locks are released.
            self._retired.append(log)
            if self.settings.lock_method != "dotlock":
                self._locks.enter_context(locked(log.fd, log.path, self.settings))
            install(log, keep_old=True)
        self._retired[-1] = at.log
        at.switch(log)
        h.log2_rotate_time = int(self.clock())
        self.rewrite()

    def repair(self) -> int:
        """Make whole files from what can still be read; the broken log is kept as .log.2.

        Returns:
            How many records of the log could not be applied.

        Raises:
            IndexMissing: there is no log.
            IndexCorrupted: nothing can be read; the storage format has to rebuild.
        """
        try:
            self._load(skip_broken=True)
        except IndexCorrupted:
            self._restart_log()
            return 1
        with self.lock():
            skipped = self._at.skipped
            self.rotate()
            self._at.skip_broken = False
        return skipped

    def _restart_log(self) -> None:
        """Go on from dovecot.index alone, where its log is broken or another one's.

        Raises:
            IndexCorrupted: dovecot.index is broken too, or missing.
        """
        if read_index(self.path) is None:
            raise IndexCorrupted(self.path, "index file", "nothing", "a file, when the log is lost")
        header = self._first_header()
        with contextlib.ExitStack() as stack:
            self._hold_old_log(stack, header)
            new = new_log(f"{self.path}.log", header, self.settings)
            log = stack.enter_context(contextlib.closing(stack.enter_context(new)))
            install(log, keep_old=True)
        self.open()

    def _hold_old_log(self, stack: contextlib.ExitStack, header: LogHeader) -> None:
        """Lock the log that is to go, if it is one, and number the new one after it."""
        with contextlib.suppress(FileNotFoundError, IndexCorrupted):
            old = stack.enter_context(contextlib.closing(LogFile.open(f"{self.path}.log")))
            stack.enter_context(locked(old.fd, old.path, self.settings))
            header.file_seq = max(header.file_seq, old.header.file_seq + 1)

    def _is_current(self) -> bool:
        try:
            return self._at.log.is_current()
        except FileNotFoundError as error:
            raise IndexMissing(f"{self.path}: removed") from error

    def _load(self, skip_broken: bool) -> None:
        try:
            found = load(self.path, skip_broken)
        except IndexCorrupted:
            # Perhaps somebody rotated between the reading of two files.
            found = load(self.path, skip_broken)
        generation = self._follower.state.generation + 1 if self._follower else 0
        self.close()
        found.state.generation = generation
        self._follower = found
        self._file_inode = self._inode()
        other_log = found.file_seq != found.log.header.file_seq
        self._soon = other_log or found.offset - found.file_tail > self.settings.rewrite_min

    def _next_log(self) -> bool:
        at = self._at
        log = LogFile.open(at.log.path)
        follows = (log.header.prev_file_seq, log.header.prev_file_offset)
        if follows != (at.log.header.file_seq, at.offset):
            log.close()
            self._load(skip_broken=False)
            return True
        at.log.close()
        at.switch(log)
        return at.read()

    def _acquire(self) -> None:
        while True:
            at = self._at
            with contextlib.ExitStack() as stack:
                stack.callback(self._close_retired)
                stack.enter_context(locked(at.log.fd, at.log.path, self._impatient()))
                if self._is_current():
                    self._at.read()
                    self._locks = stack.pop_all()
                    break
            self.refresh()
        self._forget_log2()

    def _impatient(self) -> IndexSettings:
        if self.patience is None:
            return self.settings
        return msgspec.structs.replace(self.settings, lock_timeout=self.patience)

    def _close_retired(self) -> None:
        while self._retired:
            self._retired.pop().close()

    def _tail_record(self, tail: int) -> bytes:
        patch = (TAIL_FIELD, tail.to_bytes(4, "little"))
        return frame(extrecords.HeaderUpdate(patches=(patch,)))

    def _first_header(self) -> LogHeader:
        now = int(self.clock())
        with contextlib.suppress(IndexCorrupted):
            state = read_index(self.path)
            if state is not None:
                h = state.header
                return LogHeader(
                    indexid=h.indexid,
                    file_seq=h.log_file_seq + 1,
                    prev_file_seq=h.log_file_seq,
                    prev_file_offset=h.log_file_head_offset,
                    create_stamp=now,
                    initial_modseq=max(1, state.modseq),
                )
        return LogHeader(indexid=now, file_seq=2, create_stamp=now)

    def _inode(self) -> int:
        try:
            return os.stat(self.path).st_ino
        except FileNotFoundError:
            return 0

    def _wants_rotation(self) -> bool:
        s, at = self.settings, self._at
        if at.log.header.version < LogHeader().version or at.offset > s.rotate_max_size:
            return True
        old = at.log.header.create_stamp < self.clock() - s.rotate_min_age
        return at.offset >= s.rotate_min_size and old

    def _wants_rewrite(self) -> bool:
        at, s = self._at, self.settings
        other_log = at.file_seq not in (0, at.log.header.file_seq)
        limit = s.rewrite_min if self._soon else s.rewrite_max
        # A file that somebody else wrote meanwhile is newer than what we know of it.
        wanted = other_log or at.tail - at.file_tail > limit
        return wanted and self._inode() == self._file_inode

    def _forget_log2(self) -> None:
        if self._log2_checked:
            return
        self._log2_checked = True
        second = f"{self.path}.log.2"
        with contextlib.suppress(FileNotFoundError):
            if os.stat(second).st_mtime + self.settings.log2_max_age <= self.clock():
                os.unlink(second)


def _first_records(uid_validity: int, next_uid: int) -> bytes:
    # In the file before it gets its name: nobody may append to a mailbox without UIDVALIDITY.
    values = (("uid_validity", uid_validity), ("next_uid", next_uid))
    patches = tuple((FIELDS[name], value.to_bytes(4, "little")) for name, value in values)
    return frame(extrecords.HeaderUpdate(patches=patches))
