"""dovecot-uidvalidity: the next UIDVALIDITY of a user, never given twice."""

import contextlib
import os
import re
from collections.abc import Callable

_NAME = re.compile(r"dovecot-uidvalidity\.([0-9a-f]{8})\Z")
_RETRIES = 10


def next_uid_validity(folder: str | os.PathLike[str], clock: Callable[[], float]) -> int:
    """Return a UIDVALIDITY for a new mailbox, larger than all given before.

    The value is in the name of an empty file, whose renaming decides who gets the next one;
    the file dovecot-uidvalidity only tells which name to try first.

    Args:
        folder: the user's control folder.
        clock: unix seconds, where values start.

    Raises:
        OSError: the folder cannot be written.
    """
    path = os.path.join(folder, "dovecot-uidvalidity")
    for _ in range(_RETRIES):
        value = _stored(path) or _scanned(folder)
        found = _create(path, int(clock())) if value == 0 else _advance(path, value)
        if found:
            _store(path, found)
            return found
    raise FileExistsError(f"{path}: others took {_RETRIES} values in a row")


def _stored(path: str) -> int:
    with contextlib.suppress(FileNotFoundError, ValueError), open(path, encoding="ascii") as f:
        value = int(f.read(8), 16)
        if os.path.exists(f"{path}.{value:08x}"):
            return value
    return 0


def _scanned(folder: str | os.PathLike[str]) -> int:
    matches = [_NAME.match(name) for name in os.listdir(folder)]
    return max([int(m[1], 16) for m in matches if m], default=0)


def _create(path: str, value: int) -> int:
    try:
        os.close(os.open(f"{path}.{value:08x}", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o444))
    except FileExistsError:
        return 0
    return value


def _advance(path: str, value: int) -> int:
    after = value + 1 if value < 0xFFFFFFFF else 1
    try:
        os.rename(f"{path}.{value:08x}", f"{path}.{after:08x}")
    except FileNotFoundError:
        return 0
    return after


def _store(path: str, value: int) -> None:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    os.pwrite(fd, f"{value:08x}".encode(), 0)
    os.close(fd)
