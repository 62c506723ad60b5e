"""A session's own sequence numbers over a mailbox index."""

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import numpy.typing as npt

from culver.index.column import Array

if TYPE_CHECKING:
    from culver.index.engine import MailboxIndex

UidArray = npt.NDArray[np.uint32]
_NONE: Final = np.empty(0, np.uint32)
_NO_MODSEQS: Final = np.empty(0, np.uint64)


class Changes(msgspec.Struct, frozen=True, eq=False):
    """What a synchronization of a view changed, in the order in which to tell a client.

    Attributes:
        expunged: UIDs that are gone.
        expunged_seqs: their sequence numbers as IMAP tells them one after the other: each
            already lowered by the expunges told before it (RFC 3501 7.4.1).
        appeared: new UIDs; their sequence numbers are the last ones of the view.
        changed: UIDs, known before, whose flags, keywords or modseq changed.
        modseqs: their modseqs.
        modseq: the mailbox's highest modseq.
        reset: the mailbox was rebuilt under another UIDVALIDITY: every UID is void.
    """

    expunged: UidArray
    expunged_seqs: UidArray
    appeared: UidArray
    changed: UidArray
    modseqs: npt.NDArray[np.uint64]
    modseq: int
    reset: bool = False

    def __bool__(self) -> bool:
        """Is there anything to tell?"""
        counts = len(self.expunged), len(self.appeared), len(self.changed)
        return self.reset or any(counts)


def place_of(uids: UidArray, uid: int) -> int:
    """Return how many of uids, ascending, are below uid."""
    # A number of another type than the array's makes numpy copy the whole array first.
    return int(uids.searchsorted(np.uint32(min(uid, 0xFFFFFFFF))))


class View:
    """UIDs as one session numbers them; they change only by sync.

    Attributes:
        uids: UIDs by sequence number - 1; an array that never changes, sync replaces it.
        modseq: everything up to this modseq was told.
        uid_validity: of the mailbox when the view was opened.
    """

    __slots__ = ("_generation", "_index", "_late", "_next_uid", "modseq", "uid_validity", "uids")

    def __init__(self, index: "MailboxIndex") -> None:
        self._index = index
        state = index.state
        self.uids: UidArray = state.uids
        self.modseq: int = state.modseq
        self.uid_validity: int = state.header.uid_validity
        self._next_uid: int = state.header.next_uid
        self._generation: int = state.generation
        self._late: bool = False

    def __len__(self) -> int:
        return len(self.uids)

    @property
    def is_current(self) -> bool:
        """Would sync find nothing, expunges included?"""
        state = self._index.state
        same = state.modseq == self.modseq and state.generation == self._generation
        return same and not self._late and state.header.next_uid == self._next_uid

    def sync(self, allow_expunges: bool = True) -> Changes:
        """Take over the index's state, as of its last refresh.

        Args:
            allow_expunges: False keeps messages that are gone in their places, as IMAP asks
                during FETCH, STORE and SEARCH; a later sync tells them.
        """
        state = self._index.state
        if state.header.uid_validity != self.uid_validity:
            return self._restart()
        if self.is_current:
            return Changes(_NONE, _NONE, _NONE, _NONE, _NO_MODSEQS, state.modseq)
        changed, modseqs = self._changed()
        appeared = state.uids[place_of(state.uids, self._next_uid) :]
        gone = self._gone() if allow_expunges else _NONE
        seqs = (gone - np.arange(len(gone)) + 1).astype(np.uint32)
        expunged = self.uids[gone]
        self._take(appeared, allow_expunges)
        return Changes(expunged, seqs, appeared, changed, modseqs, state.modseq)

    def uids_of(self, seqs: npt.ArrayLike) -> UidArray:
        """Return the UIDs of sequence numbers, all from 1 to the number of messages."""
        return self.uids[np.asarray(seqs, np.int64) - 1]

    def seqs_of(self, uids: npt.ArrayLike) -> UidArray:
        """Return the sequence numbers of those of uids (ascending) that the view has."""
        wanted = np.asarray(uids, np.uint32)
        places = np.searchsorted(self.uids, wanted)
        inside = places < len(self.uids)
        places, wanted = places[inside], wanted[inside]
        return np.asarray(places[self.uids[places] == wanted] + 1, np.uint32)

    def within(self, first: int, last: int) -> UidArray:
        """Return the view's UIDs from first to last, both included."""
        return self.uids[place_of(self.uids, first) : place_of(self.uids, last + 1)]

    def _restart(self) -> Changes:
        gone, state = self.uids, self._index.state
        self.uid_validity = state.header.uid_validity
        self._take(state.uids, True)
        seqs = np.ones(len(gone), np.uint32)
        return Changes(gone, seqs, self.uids, _NONE, _NO_MODSEQS, self.modseq, True)

    def _changed(self) -> tuple[UidArray, npt.NDArray[np.uint64]]:
        state = self._index.state
        if state.modseq == self.modseq:
            return _NONE, _NO_MODSEQS
        known = place_of(state.uids, self._next_uid)
        modseqs = state.modseqs[:known]
        places = np.flatnonzero(modseqs > self.modseq)
        return state.uids[places], modseqs[places]

    def _gone(self) -> Array:
        """Return the places of UIDs that the state does not have any more."""
        state = self._index.state
        if state.generation == self._generation and not self._late:
            return np.empty(0, np.int64)
        if state.messages == 0:
            return np.arange(len(self.uids))
        places = np.searchsorted(state.uids, self.uids)
        np.minimum(places, state.messages - 1, out=places)
        return np.flatnonzero(state.uids[places] != self.uids)

    def _take(self, appeared: UidArray, allow_expunges: bool) -> None:
        state = self._index.state
        if allow_expunges:
            self.uids, self._late = state.uids, False
        else:
            self._late = self._late or state.generation != self._generation
            if len(appeared):
                # Not the state's array: places of messages that are gone stay.
                self.uids = np.concatenate((self.uids, appeared))
        self.modseq = state.modseq
        self._next_uid = state.header.next_uid
        self._generation = state.generation
