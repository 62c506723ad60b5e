"""A helper process (auth, monitor): handlers on listening sockets, until told to stop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import trio

STOP_SECONDS = 6.0
"""A little longer than workers may drain: they need auth and monitor to the end."""


class Door(msgspec.Struct, frozen=True):
    """A listening socket and what answers on it."""

    socket: socket.socket
    handle: Callable[[trio.SocketStream], Awaitable[None]]


async def serve_doors(
    doors: Sequence[Door], ready: Callable[[], None], reopen: Callable[[], None]
) -> None:
    """Serve until TERM, INT or USR2; then until the last client has gone, or a few seconds.

    USR2 (a reload) sets no limit: sessions of the old workers go on as long as they like.
    """
    accepting, sessions = trio.CancelScope(), trio.CancelScope()
    async with trio.open_nursery() as process:
        await process.start(_obey, accepting, sessions, reopen)
        with sessions:
            async with trio.open_nursery() as nursery:
                with accepting:
                    async with trio.open_nursery() as listeners:
                        for door in doors:
                            listeners.start_soon(_accept, door, nursery)
                        ready()
        process.cancel_scope.cancel()


async def _obey(
    accepting: trio.CancelScope,
    sessions: trio.CancelScope,
    reopen: Callable[[], None],
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
    with trio.open_signal_receiver(*numbers) as received:
        task_status.started()
        async for number in received:
            if number == signal.SIGUSR1:
                reopen()
                continue
            accepting.cancel()
            if number != signal.SIGUSR2:
                sessions.deadline = trio.current_time() + STOP_SECONDS


async def _accept(door: Door, nursery: trio.Nursery) -> None:
    listener = trio.SocketListener(trio.socket.from_stdlib_socket(door.socket))
    while True:
        nursery.start_soon(_one, door, await listener.accept())


async def _one(door: Door, stream: trio.SocketStream) -> None:
    async with stream:
        await door.handle(stream)
