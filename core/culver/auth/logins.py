"""Logins whose mail process has not yet asked for the user's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import trio

if TYPE_CHECKING:
    from collections.abc import Callable

    from culver.auth.request import AuthRequest

MAX_AGE: Final = 300.0
"""Seconds.  A worker asks at once; one that died never asks."""
MAX_COUNT: Final = 10_000


class Logins:
    """Finished requests by ticket: bounded in number and age, each handed out once."""

    def __init__(self, clock: Callable[[], float] = trio.current_time) -> None:
        self._clock = clock
        self._requests: dict[str, tuple[float, AuthRequest]] = {}

    def __len__(self) -> int:
        return len(self._requests)

    def add(self, ticket: str, request: AuthRequest) -> None:
        """Remember; the oldest ones make room."""
        now = self._clock()
        self._drop_old(now)
        request.password = ""  # it has done its work
        request.stored = None
        self._requests[ticket] = (now, request)

    def take(self, ticket: str) -> AuthRequest | None:
        """The request, once; None when unknown, used or too old."""
        self._drop_old(self._clock())
        entry = self._requests.pop(ticket, None)
        return entry[1] if entry else None

    def _drop_old(self, now: float) -> None:
        while self._requests:
            ticket = next(iter(self._requests))
            if len(self._requests) < MAX_COUNT and now - self._requests[ticket][0] < MAX_AGE:
                return
            del self._requests[ticket]
