"""Remove what saves that died left behind (R4-050)."""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from typing import Final

TEMPORARY: Final = ".temp."
_LEFT_OVER: Final = 36 * 3600
"""Seconds; nobody takes longer to write a mail.  Dovecot's figure."""


def clean_temporary(directory: str, interval: float) -> int:
    """Remove old temporary files if that was last done ``interval`` seconds ago; 0: never.

    When it was done is the directory's access time, which listing it sets.  Returns how many
    were removed.
    """
    now = time.time()
    try:
        last = os.stat(directory).st_atime
    except FileNotFoundError:
        return 0
    # Spread, so that a server's mailboxes aren't all looked at on the same day.
    if not interval or last > now - interval * (1 + 0.3 * random.random()):
        return 0
    removed = 0
    with suppress(PermissionError):
        for entry in os.scandir(directory):
            if entry.name.startswith(TEMPORARY):
                removed += _remove_old(entry, now)
        os.utime(directory, (now, os.stat(directory).st_mtime))
    return removed


def _remove_old(entry: os.DirEntry[str], now: float) -> bool:
    with suppress(FileNotFoundError):
        if entry.stat(follow_symlinks=False).st_ctime < now - _LEFT_OVER:
            os.unlink(entry.path)
            return True
    return False
