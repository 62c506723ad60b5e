"""Messages of APPEND that are too large for memory, on their way into a spool."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from culver.plugin import Buffer, CulverError, Spool, Unavailable
from culver_plugins.imap.wire.append import Append
from culver_plugins.imap.wire.events import LiteralStart

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


class Incoming:
    """The spools of the running command, one per streamed message, in their order."""

    __slots__ = ("_made", "_spools", "failure")

    def __init__(self) -> None:
        self._spools: list[Spool] = []
        self._made: list[Spool] = []
        self.failure: CulverError | None = None
        """Why the messages can't be kept, although their bytes have to be read to the end."""

    async def start(self, session: Session, event: LiteralStart) -> None:
        """Decide before the client sends it: a mailbox that isn't there needs no upload."""
        assert isinstance(event.command, Append)
        try:
            mailbox = await session.open(event.command.mailbox)
            await mailbox.close()
        except CulverError as error:
            code = "TRYCREATE" if error.code == "NONEXISTENT" else error.code
            session.machine.refuse_literal(error.public, code.encode())
            self.drop()
            return
        session.machine.accept_literal()
        self._spools.append(Spool())

    async def take(self, data: bytes) -> None:
        """Keep a piece; a full disk is remembered, so that the connection stays in step."""
        if self.failure is not None:
            return
        try:
            self._spools[-1].write(data)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            self.failure = (
                Unavailable("LIMIT", "Not enough disk space", str(error))
                if full
                else Unavailable("UNAVAILABLE", "Can't spool the message", str(error))
            )

    def end(self) -> None:
        """A message is complete."""

    def bodies(self) -> list[Buffer]:
        """All streamed messages.  Raises what went wrong while they came."""
        if self.failure is not None:
            raise self.failure
        return [spool.buffer() for spool in self._spools]

    def spool(self) -> Spool:
        """A new spool that lives as long as the command, for a message that is put together."""
        self._made.append(Spool())
        return self._made[-1]

    def drop(self) -> None:
        """Forget them: the command is over."""
        for spool in (*self._spools, *self._made):
            spool.__exit__()
        self._spools.clear()
        self._made.clear()
        self.failure = None
