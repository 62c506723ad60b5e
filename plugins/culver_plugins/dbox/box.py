"""An open mailbox of a dbox format."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec
import trio

from culver.errors import CulverError
from culver.mail.engine.indexed import index_of
from culver.mail.engine.persistent import PersistentIndex
from culver.mail.newmail import Saved
from culver.mail.storage import MailboxPath, OpenBox
from culver_plugins.dbox.boxheader import BoxHeader
from culver_plugins.dbox.facts import FactCache

P = TypeVar("P")


class Pending(msgspec.Struct, Generic[P]):
    """Prepared mails of one save, waiting to be committed together with those of others."""

    prepared: list[P]
    saved: list[Saved] | None = None
    error: CulverError | None = None

    @property
    def is_done(self) -> bool:
        """Whether somebody committed it, or failed to."""
        return self.saved is not None or self.error is not None


class DboxBox(OpenBox):
    """Where the files of the mailbox lie.  What it holds is in its index."""

    max_keywords = 0xFFFFFFFF

    def __init__(
        self,
        path: MailboxPath,
        directory: str,
        alt: str | None,
        key: str,
        index: PersistentIndex,
        header: BoxHeader,
    ) -> None:
        self.path = path
        self.directory = directory
        self.alt = alt
        self.key = key
        self.index = index
        self.uid_validity = index.files.state.header.uid_validity
        self.guid = header.guid.hex()
        self.saving = trio.Lock()
        """Held by who commits the pending saves of everybody."""
        self.facts = FactCache()
        self.pending: list[Pending[Any]] = []

    @property
    def files(self) -> PersistentIndex:
        """The index."""
        return index_of(self)
