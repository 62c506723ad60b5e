"""Find the state of a mailbox index from its files: dovecot.index and one or two logs."""

import contextlib
from collections.abc import Generator

from culver.index.errors import BadRecord, IndexCorrupted, IndexMissing
from culver.index.follower import Follower
from culver.index.indexfile import decode_index
from culver.index.logfile import LogFile
from culver.index.state import IndexState


def read_index(path: str) -> IndexState | None:
    """Return what dovecot.index at path holds, None when there is none.

    Raises:
        IndexCorrupted: it cannot be trusted.
    """
    try:
        with open(path, "rb") as f:
            data = f.read()
        return decode_index(data)
    except FileNotFoundError:
        return None
    except BadRecord as bad:
        raise IndexCorrupted.at(path, bad) from bad


def load(path: str, skip_broken: bool = False) -> Follower:
    """Return a follower at the end of the log of the index at path.

    A broken dovecot.index is rebuilt from the log, where that reaches back to the beginning.

    Args:
        path: dovecot.index; the logs stand beside it.
        skip_broken: go on after records that cannot be applied.

    Raises:
        IndexMissing: there is no log.
        IndexCorrupted: neither file nor log gives a whole state.
    """
    try:
        log = LogFile.open(f"{path}.log")
    except FileNotFoundError as error:
        raise IndexMissing(path) from error
    with _closing_on_error(log):
        try:
            return _follow(path, log, read_index(path), skip_broken)
        except IndexCorrupted:
            with contextlib.suppress(IndexCorrupted):
                return _follow(path, log, None, skip_broken)
            raise


@contextlib.contextmanager
def _closing_on_error(log: LogFile) -> Generator[None]:
    try:
        yield
    except BaseException:
        log.close()
        raise


def _follow(path: str, log: LogFile, state: IndexState | None, skip_broken: bool) -> Follower:
    if state is not None and _is_reset(log, state):
        state = None
    if state is not None and state.header.indexid != log.header.indexid:
        found = state.header.indexid
        raise IndexCorrupted(path, "indexid", found, f"the log's {log.header.indexid}")
    first = _first_log(path, log, state)
    if state is None:
        state = IndexState.empty(first.header.indexid, first.header.file_seq)
    follower = Follower(first, state)
    follower.skip_broken = skip_broken
    if first is log and state.header.log_file_seq != log.header.file_seq:
        follower.switch(log)
    follower.read()
    if not skip_broken:
        follower.check_reached()
    if first is not log:
        _go_on(follower, log)
    return follower


def _is_reset(log: LogFile, state: IndexState) -> bool:
    return log.header.prev_file_seq == 0 and log.header.file_seq > state.header.log_file_seq


def _first_log(path: str, log: LogFile, state: IndexState | None) -> LogFile:
    """Return the log where reading begins: this one or .log.2."""
    h = log.header
    if state is None:
        return log if h.prev_file_seq == 0 else _second(path, log, h.prev_file_seq, True)
    seq, offset = state.header.log_file_seq, state.header.log_file_head_offset
    if seq == h.file_seq or (seq, offset) == (h.prev_file_seq, h.prev_file_offset):
        return log
    return _second(path, log, seq, False)


def _second(path: str, log: LogFile, seq: int, from_start: bool) -> LogFile:
    lost = IndexCorrupted(path, "log_file_seq", seq, f"a log that exists ({log.header.file_seq})")
    if seq != log.header.prev_file_seq:
        raise lost
    try:
        second = LogFile.open(f"{path}.log.2")
    except (FileNotFoundError, IndexCorrupted) as error:
        raise lost from error
    found = second.header
    fits = (found.file_seq, found.indexid) == (seq, log.header.indexid)
    if not fits or (from_start and found.prev_file_seq):
        second.close()
        raise lost
    return second


def _go_on(follower: Follower, log: LogFile) -> None:
    second = follower.log
    try:
        if follower.offset != log.header.prev_file_offset and not follower.skip_broken:
            allowed = f"the next log's prev_file_offset {log.header.prev_file_offset}"
            raise IndexCorrupted(second.path, "log size", follower.offset, allowed)
    finally:
        second.close()
    follower.switch(log)
    follower.read()
