"""``dovecot-uidvalidity``: the last UIDVALIDITY given out, so that none is given twice.

The value is in the name of an empty file beside it (``dovecot-uidvalidity.<8 hex digits>``):
taking the next one is a rename, which only one process can win.  Inventory R4-076.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from typing import Final

_NAME: Final = "dovecot-uidvalidity"
_TAKEN: Final = re.compile(r"dovecot-uidvalidity\.([0-9a-f]{8})")
_ATTEMPTS: Final = 100


def next_uid_validity(root: str) -> int:
    """A UIDVALIDITY that no mailbox below ``root`` has had.  OSError when it can't be written."""
    for _ in range(_ATTEMPTS):
        value = _take_next(root)
        if value:
            with open(os.path.join(root, _NAME), "wb") as file:
                file.write(b"%08x" % value)
            return value
    return int(time.time())


def _take_next(root: str) -> int:
    found = sorted(int(m[1], 16) for name in os.listdir(root) if (m := _TAKEN.fullmatch(name)))
    if not found:
        value = max(int(time.time()), _written(root) + 1)
        with suppress(FileExistsError):
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
            os.close(os.open(_path(root, value), flags, 0o444))
            return value
        return 0
    for old in found[:-1]:  # left by a process that died between two steps
        with suppress(FileNotFoundError):
            os.unlink(_path(root, old))
    value = found[-1] + 1
    with suppress(FileNotFoundError):
        os.rename(_path(root, found[-1]), _path(root, value))
        return value
    return 0


def _path(root: str, value: int) -> str:
    return os.path.join(root, f"{_NAME}.{value:08x}")


def _written(root: str) -> int:
    with suppress(FileNotFoundError, ValueError), open(os.path.join(root, _NAME)) as file:
        return int(file.read(8), 16)
    return 0
