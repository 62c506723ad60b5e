"""What happened since a modseq, as far as the logs reach (QRESYNC, RFC 7162)."""

import contextlib

import msgspec
import numpy as np
import numpy.typing as npt

from culver.index import modseq as modseqs
from culver.index.decoding import decode_record
from culver.index.engine import MailboxIndex
from culver.index.errors import BadRecord, IndexCorrupted
from culver.index.framing import frames
from culver.index.logfile import LogFile
from culver.index.msgrecords import Expunge, ExpungeGuid


class Since(msgspec.Struct, frozen=True, eq=False):
    """The difference between a modseq and now.

    Attributes:
        changed: UIDs whose modseq is higher, appended ones included.
        vanished: ascending UIDs that were expunged since.
        complete: False if the logs do not reach back so far: then any UID that is not in the
            mailbox may have vanished, and the caller tells all that the client may know.
    """

    changed: npt.NDArray[np.uint32]
    vanished: npt.NDArray[np.uint32]
    complete: bool


def changes_since(index: MailboxIndex, modseq: int) -> Since:
    """Return what changed after modseq, as of the index's last refresh."""
    state = index.state
    changed = state.uids[state.modseqs > modseq]
    if modseq >= state.modseq:
        return Since(changed, np.empty(0, np.uint32), True)
    found: list[npt.NDArray[np.uint32]] = []
    complete = _collect(f"{index.path}.log", modseq, found)
    if not complete:
        complete = _collect(f"{index.path}.log.2", modseq, found)
    joined = np.unique(np.concatenate(found)) if found else np.empty(0, np.uint32)
    return Since(changed, np.setdiff1d(joined, state.uids, True), complete)


def _collect(path: str, modseq: int, found: list[npt.NDArray[np.uint32]]) -> bool:
    """Add what a log expunged after modseq. True if it reaches back to modseq."""
    try:
        log = LogFile.open(path)
    except (FileNotFoundError, IndexCorrupted):
        return False
    with contextlib.closing(log):
        at = log.header.initial_modseq
        with contextlib.suppress(BadRecord):
            for frame in frames(log.read(log.header.hdr_size), log.header.hdr_size):
                before = at
                at = modseqs.advance(at, frame.kind, frame.payload, log.header.version)
                if at > max(before, modseq):
                    record = decode_record(frame.kind, frame.payload)
                    if isinstance(record, Expunge | ExpungeGuid):
                        found.append(_uids(record))
        return log.header.initial_modseq <= modseq


def _uids(record: Expunge | ExpungeGuid) -> npt.NDArray[np.uint32]:
    if isinstance(record, ExpungeGuid):
        return record.messages["uid"].copy()
    spans = [np.arange(a, b + 1, dtype=np.uint32) for a, b in record.ranges.tolist()]
    return np.concatenate(spans)
