"""Blocking file work in a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import trio

from culver.mail.files import storage_error

T = TypeVar("T")


async def in_thread(doing: str, work: Callable[[], T]) -> T:
    """Do it; its OSErrors become errors that sessions know.

    Not abandoned when cancelled: the change happens wholly or not at all.
    """
    try:
        return await trio.to_thread.run_sync(work)
    except OSError as error:
        raise storage_error(error, doing) from error
