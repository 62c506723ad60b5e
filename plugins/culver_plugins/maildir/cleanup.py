"""Remove what deliveries that died left in tmp/ (inventory R4-020)."""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from typing import Final

_LEFT_OVER: Final = 36 * 3600
"""Seconds; nobody takes longer to write a mail.  The Maildir specification's figure."""


def clean_tmp(directory: str, interval: float) -> int:
    """Remove old files if that was last done ``interval`` seconds ago; 0: never.

    When it was done is tmp/'s access time, which listing it sets.  Returns how many were removed.
    """
    now = time.time()
    # Spread, so that a server's mailboxes aren't all looked at on the same day.
    spread = 1 + 0.3 * random.random()
    if not interval or os.stat(directory).st_atime > now - interval * spread:
        return 0
    removed = 0
    with suppress(PermissionError):
        for entry in os.scandir(directory):
            with suppress(FileNotFoundError):
                if entry.stat(follow_symlinks=False).st_ctime < now - _LEFT_OVER:
                    os.unlink(entry.path)
                    removed += 1
        os.utime(directory, (now, os.stat(directory).st_mtime))
    return removed
