"""The line that begins a mail in an mbox: ``From sender  Thu Nov 29 22:33:52 2001``.

RFC 4155 appendix A knows one form; programs wrote many.  What counts as one must be what Dovecot
takes for one, or the two would cut the same file into different mails.
"""

from __future__ import annotations

import calendar
import datetime
import re
import time
from typing import Final

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_MONTH: Final = rb"(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\?\?\?"
_CLOCK: Final = rb"(\d\d):(\d\d)(?::(\d\d))?"
# A zone before the year is skipped, named or not; only one after the year counts, as in Dovecot.
_ASCTIME: Final = (
    rb"[^\r\n]{4}(" + _MONTH + rb") [ ]?(\d{1,2}) " + _CLOCK + rb" "
    rb"(?:(?!\d{4})[^ \r\n]*[ ])?(\d{4})(?:[ ]([+-]\d{4}))?"
)
# As a Date header has it: "Thu, 9 Nov 2002 22:33:52".
_DATE_HEADER: Final = (
    rb"[^\r\n]{5}(\d{1,2}) (" + _MONTH + rb") (\d{4}) " + _CLOCK + rb"(?:[ ]([+-]\d{4}))?"
)
# The sender ends at the first space outside quotes, and nowhere else: no backtracking.
_LINE: Final = re.compile(
    rb'From ((?:"(?:\\.|[^"\\\r\n])*+"|(?!"))[^ \r\n]*+) *+'
    rb"(?:" + _ASCTIME + rb"|" + _DATE_HEADER + rb")"
)

LONGEST: Final = 8192
"""Bytes of the line that are looked at."""


class FromLine:
    """Sender and date of a line that is one."""

    __slots__ = ("received", "sender")

    def __init__(self, sender: bytes, received: int) -> None:
        self.sender = sender
        self.received = received


def parse_from(line: bytes) -> FromLine | None:
    """What the line says, or None when it is only text that begins with ``From``.

    A date without a zone is in the zone of this machine.  ``line`` may go on after its LF.
    """
    found = _LINE.match(line)
    if found is None:
        return None
    sender, *fields = found.groups()
    if fields[0] is not None:
        month, day, hour, minute, second, year, zone = fields[:7]
    else:
        day, month, year, hour, minute, second, zone = fields[7:]
    date = (
        int(year),
        _month(month),
        int(day) or 1,
        int(hour),
        int(minute),
        int(second or 0),
    )
    received = _seconds(date, zone)
    return None if received is None else FromLine(sender, received)


def _month(name: bytes) -> int:
    return 1 if name == b"???" else _MONTHS.index(name.decode().capitalize()) + 1


def _seconds(date: tuple[int, int, int, int, int, int], zone: bytes | None) -> int | None:
    try:
        if zone is None:
            return int(time.mktime((*date, 0, 1, -1)))
        # The day may be one that the month doesn't have: counted on from its first.
        year, month, day, hour, minute, second = date
        first = calendar.timegm((year, month, 1, hour, minute, second))
        offset = int(zone[1:3]) * 3600 + int(zone[3:5]) * 60
        return first + (day - 1) * 86400 - (offset if zone[:1] == b"+" else -offset)
    except (OverflowError, ValueError):
        # mktime() fails for a time that it can't express: Dovecot shows it as 1970.
        return 0 if zone is None else None


def make_from(sender: str, received: int) -> bytes:
    """The line with its LF.  What would break it, a lone quote too, is replaced in the sender."""
    clean = re.sub(r"[\s\0\"]+", "_", sender) or "MAILER-DAEMON"
    at = _local(received)
    day, month = _DAYS[at.tm_wday], _MONTHS[at.tm_mon - 1]
    clock = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"
    text = f"From {clean}  {day} {month} {at.tm_mday:02} {clock} {at.tm_year:04}\n"
    return text.encode("utf-8", "surrogateescape")


def _local(received: int) -> time.struct_time:
    try:
        at = time.localtime(received)
    except (OverflowError, OSError, ValueError):
        return time.localtime(0)
    return at if datetime.MINYEAR <= at.tm_year <= datetime.MAXYEAR else time.localtime(0)
