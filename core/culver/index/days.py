"""day_stamp and day_first_uid: how the cache tells recent mails from old ones."""

import time

from culver.index.extrecords import Patch
from culver.index.header import FIELDS, BaseHeader

_DAY = 24 * 3600


def day_patches(header: BaseHeader, now: float, first_uid: int) -> tuple[Patch, ...]:
    """Return the header updates that the first append of a day makes, none on other appends.

    Args:
        header: the header before the append.
        now: unix seconds.
        first_uid: the first UID that is appended.
    """
    local = time.localtime(now)
    midnight = (local.tm_year, local.tm_mon, local.tm_mday, 0, 0, 0, 0, 0, -1)
    stamp = int(time.mktime(midnight))
    if header.day_stamp >= stamp:
        return ()
    old = header.day_first_uid
    days = max(1, min((stamp - header.day_stamp) // _DAY, len(old)))
    # Days without mail get the first UID of the last day that had some.
    moved = (first_uid, *(old[0],) * (days - 1), *old)[: len(old)]
    packed = b"".join(uid.to_bytes(4, "little") for uid in moved)
    return (
        (FIELDS["day_stamp"], stamp.to_bytes(4, "little")),
        (FIELDS["day_first_uid"], packed),
    )
