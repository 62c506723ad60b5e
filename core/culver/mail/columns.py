"""FETCH as columns: what is wanted of a range of messages, and the batches that answer."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.mail.newmail import Buffer
from culver.mime.part import Part


class Wanted(msgspec.Struct, kw_only=True, frozen=True):
    """The columns that :meth:`Mailbox.fetch` has to fill.  UIDs and flags always are."""

    modseqs: bool = False
    received: bool = False
    sizes: bool = False
    guids: bool = False
    saved: bool = False
    cached: tuple[str, ...] = ()
    """Names of Dovecot's cache fields: imap.envelope, imap.body, imap.bodystructure, date.sent,
    hdr.<name>, ... Each becomes a column of ready bytes."""
    bodies: bool = False
    parts: bool = False
    """The parsed MIME tree; implied by nothing, costs a parse when it is not cached."""
    seen: bool = False
    """Set \\Seen on what is fetched (a FETCH that is no PEEK), in the same pass."""


class Batch(msgspec.Struct, kw_only=True):
    """Some of the asked-for messages in ascending UID order.

    All columns have one entry per UID; a column that was not wanted is empty.  A message that
    vanished while it was read is left out of the batch and named in ``vanished``.
    """

    uids: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    """System flags without RECENT."""
    keywords: list[tuple[str, ...]]
    """Empty list when no message of the batch has any."""
    modseqs: NDArray[np.uint64] | None = None
    received: NDArray[np.int64] | None = None
    """INTERNALDATE, seconds since 1970."""
    saved: NDArray[np.int64] | None = None
    sizes: NDArray[np.int64] | None = None
    """RFC822.SIZE: with CRLF line ends."""
    guids: list[str] = []
    cached: dict[str, list[bytes]] = {}
    bodies: list[Buffer] = []
    """As stored, transforms undone: line ends may be LF, CRLF or mixed."""
    parts: list[Part] = []
    vanished: tuple[int, ...] = ()
    flags_changed: bool = False
    """True when ``seen`` changed flags in this batch, so that they are to be shown."""
