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


async def run(session: Session, command: Idle) -> Answer:
    """Wait for the client and for the mailbox.  Neither time limit of the session applies: an
    idle client ends only when it goes (inventory R5-028)."""
    session.write(responses.continuation(b"idling"))
    await send_updates(session, expunges=True)
    await session.flush()
    broken: list[BaseException] = []
    event = None
    with session.idling():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_guarded, _tell, session, nursery.cancel_scope, broken)
            nursery.start_soon(_guarded, _keep_alive, session, nursery.cancel_scope, broken)
            event = await session.next_event()
            nursery.cancel_scope.cancel()
    if broken:
        raise broken[0]
    if event is None:
        return bad("Connection closed")
    assert isinstance(event, IdleDone), "the machine reads nothing else"
    return Answer(b"Idle completed.") if event.ok else bad("Expected DONE.")


async def _guarded(
    task: Callable[[Session], Awaitable[None]],
    session: Session,
    idle: trio.CancelScope,
    broken: list[BaseException],
) -> None:
    """A client that went away or reads no more ends the session, as it would outside IDLE: the
    errors must not reach the session as a group."""
    try:
        await task(session)
    except CulverError as error:
        # The mailbox is gone or can't be read: nothing more can be told, DONE still works.
        session.report("IDLE can't tell changes", error)
    except (trio.BrokenResourceError, trio.ClosedResourceError, TimeoutError) as error:
        broken.append(error)
        idle.cancel()


async def _tell(session: Session) -> None:
    selected = session.selected
    if selected is None:
        await trio.sleep_forever()
        return
    while True:
        await selected.mailbox.wait(selected.view)
        # A line that has begun is finished: the client may end IDLE while we write.
        with trio.CancelScope(shield=True):
            await send_updates(session, expunges=True)
            await session.flush()


async def _keep_alive(session: Session) -> None:
    """Many a NAT forgets a silent connection (inventory R5-027)."""
    interval = float(session.settings.idle_notify_interval) or math.inf
    while True:
        await trio.sleep(interval)
        with trio.CancelScope(shield=True):
            session.write(responses.untagged_ok(b"Still here"))
            await session.flush()
