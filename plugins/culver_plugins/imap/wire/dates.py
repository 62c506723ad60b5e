"""IMAP dates (RFC 3501 9 `date`, `date-time`)."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip
_MONTH: Final = {name.upper().encode(): number for number, name in enumerate(MONTHS, 1)}

# A day may be padded with a space or a zero, or not at all: Dovecot takes all three.
_DATE: Final = re.compile(rb" ?([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})")
_TIME: Final = re.compile(rb" ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})")


def parse_date(text: bytes) -> date:
    """Return the date in `1-Feb-1994`. Raises ValueError."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("no date")
    return _date(match)


def _date(match: re.Match[bytes]) -> date:
    day, month, year = match.groups()
    if (number := _MONTH.get(month.upper())) is None:
        raise ValueError("no month")
    return date(int(year), number, int(day))


def parse_date_time(text: bytes) -> datetime:
    """Return the time in ` 7-Feb-1994 22:43:04 -0800`, with its zone. Raises ValueError.

    A zone from -2359 to +2359; a leap second (`:60`) is the last second before it, because
    neither Python nor an index file can hold it.
    """
    day = _DATE.match(text)
    clock = _TIME.fullmatch(text, day.end()) if day else None
    if day is None or clock is None:
        raise ValueError("no date and time")
    hour, minute, second, sign, zone_hours, zone_minutes = clock.groups()
    if int(zone_minutes) > 59:
        raise ValueError("no zone")
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    zone = timezone(-offset if sign == b"-" else offset)
    when = _date(day)
    seconds = 59 if second == b"60" else int(second)
    return datetime(when.year, when.month, when.day, int(hour), int(minute), seconds, tzinfo=zone)


def format_date(when: date) -> bytes:
    """Write `1-Feb-1994`."""
    return f"{when.day}-{MONTHS[when.month - 1]}-{when.year:04d}".encode()


def format_date_time(timestamp: int, offset_minutes: int = 0) -> bytes:
    """Write seconds since 1970 as INTERNALDATE writes them, in a zone east of Greenwich.

    A time beyond what a calendar date can hold is written as 01-Jan-1970 00:00:00 +0000.
    """
    try:
        when = datetime.fromtimestamp(timestamp + offset_minutes * 60, UTC)
    except (OverflowError, ValueError, OSError):
        return b"01-Jan-1970 00:00:00 +0000"
    sign = "-" if offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(offset_minutes), 60)
    return (
        f"{when.day:02d}-{MONTHS[when.month - 1]}-{when.year:04d} "
        f"{when.hour:02d}:{when.minute:02d}:{when.second:02d} {sign}{hours:02d}{minutes:02d}"
    ).encode()
