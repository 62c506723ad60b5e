"""Settings of mbox (inventory R4-031, R4-032)."""

from __future__ import annotations

from typing import Annotated, Literal

from culver.config.settings import Duration, Settings, Size, doc


class MboxSettings(Settings, prefix="mbox"):
    """How mbox files are locked and read."""

    read_locks: Annotated[
        str, doc("Locks to take for reading, in order: dotlock, dotlock_try, fcntl, flock, lockf")
    ] = "fcntl"
    write_locks: Annotated[
        str, doc("Locks to take for writing, in order; must contain those for reading")
    ] = "fcntl dotlock"
    lock_timeout: Annotated[Duration, doc("How long to wait for a lock", unit="seconds")] = (
        Duration(300)
    )
    dotlock_change_timeout: Annotated[
        Duration,
        doc("When neither dotlock nor mailbox has changed for so long, the lock is overridden"),
    ] = Duration(120)
    dirty_syncs: Annotated[
        bool, doc("When a file has grown, put off looking for changes of the mails before")
    ] = True
    very_dirty_syncs: Annotated[
        bool, doc("Look for changes of known mails only when opening the mailbox")
    ] = False
    lazy_writes: Annotated[
        bool, doc("Accepted for Dovecot's sake; flags are always written at once")
    ] = True
    min_index_size: Annotated[
        Size, doc("Accepted for Dovecot's sake: files smaller than this get no index")
    ] = Size(0)
    md5: Annotated[
        Literal["apop3d", "all"], doc("Which headers the GUID of a mail is made from")
    ] = "apop3d"
