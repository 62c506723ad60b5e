"""IDLE (RFC 2177): tell changes as they happen, until DONE."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import trio

from culver.plugin import CulverError
from culver_plugins.imap.answer import Answer, bad
from culver_plugins.imap.updates import send_updates
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.events import IdleDone
from culver_plugins.imap.wire.idle import Idle

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session
    from culver_plugins.imap.wire.events import Event


async def run(session: Session, command: Idle) -> Answer:
    """Wait for the client and for the mailbox.  Neither time limit of the session applies: an
    idle client ends only when it goes (inventory R5-028)."""
    session.write(responses.continuation(b"idling"))
    await send_updates(session, expunges=True)
    await session.flush()
    idling = Idling(session)
    with session.idling():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(idling.guard, idling.tell, nursery.cancel_scope)
            nursery.start_soon(idling.guard, idling.keep_alive, nursery.cancel_scope)
            await idling.guard(idling.listen, nursery.cancel_scope)
            async with idling.telling:
                nursery.cancel_scope.cancel()
    if idling.broken is not None:
        raise idling.broken
    if idling.event is None:
        return bad("Connection closed")
    assert isinstance(idling.event, IdleDone), "the machine reads nothing else"
    return Answer(b"Idle completed.") if idling.event.ok else bad("Expected DONE.")


class Idling:
    """The three tasks of an IDLE: one hears the client, one the mailbox, one the clock."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.event: Event | None = None
        """What ended it; None at the end of the connection."""
        self.broken: Exception | None = None
        self.telling = trio.Lock()
        """Held from the look at the mailbox to the last octet: who ends IDLE takes it first, so
        that no line is cut and no change is taken from the mailbox and not told."""

    async def guard(self, task: Callable[[], Awaitable[None]], idle: trio.CancelScope) -> None:
        """A client that went away or reads no more ends the session, as it would outside IDLE:
        the errors must not reach the session as a group."""
        try:
            await task()
        except CulverError as error:
            # The mailbox is gone or can't be read: nothing more can be told, DONE still works.
            self.session.report("IDLE can't tell changes", error)
        except (trio.BrokenResourceError, trio.ClosedResourceError, TimeoutError) as error:
            self.broken = error
            idle.cancel()

    async def listen(self) -> None:
        """Wait for DONE."""
        self.event = await self.session.next_event()

    async def tell(self) -> None:
        """Tell changes as they happen."""
        selected = self.session.selected
        while selected is not None:
            await selected.mailbox.wait(selected.view)
            async with self.telling:
                await send_updates(self.session, expunges=True)
                await self.session.flush()

    async def keep_alive(self) -> None:
        """Many a NAT forgets a silent connection (inventory R5-027)."""
        interval = float(self.session.settings.idle_notify_interval) or math.inf
        while True:
            await trio.sleep(interval)
            async with self.telling:
                self.session.write(responses.untagged_ok(b"Still here"))
                await self.session.flush()
