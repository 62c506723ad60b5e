"""Read batches, and close their source at once when the reader stops early."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def closing(batches: AsyncIterator[T]) -> AsyncGenerator[AsyncIterator[T]]:
    """``async with closing(mailbox.fetch(...)) as batches: async for batch in batches``.

    A generator that is left in the middle (the client went away, a deadline passed) would
    otherwise keep its buffers and files until the garbage collector finds it, and clean up in
    nobody's task.  An iterator that isn't a generator has nothing to close.
    """
    try:
        yield batches
    finally:
        aclose = getattr(batches, "aclose", None)
        if aclose is not None:
            await aclose()
