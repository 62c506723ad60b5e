"""A failed login waits before it hears so: guessing gets slow, and timing tells nothing."""

from __future__ import annotations

import math
from typing import Final

import trio

# Failures of the same quarter of a second are told together, so that neither the order nor the
# distance of replies says what was found on the way (Dovecot checks its queue as often).
TICK: Final = 0.25


class FailureDelay:
    """``auth_failure_delay``.  Waiting costs a timer, so any number of failures wait at once."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def wait(self, began: float) -> None:
        """Return ``seconds`` after ``began`` (trio's clock), rounded up to a tick.

        What was spent on hashing is inside of the delay, so a reply shows nothing of it.
        """
        if self.seconds > 0:
            until = max(began + self.seconds, trio.current_time())
            await trio.sleep_until(math.ceil(until / TICK) * TICK)
