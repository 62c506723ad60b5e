"""Dates: the Date field (RFC 5322 3.3, obsolete forms too) and IMAP's date-time (RFC 3501 9)."""

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_OF = {name.encode(): number for number, name in enumerate(_MONTHS, 1)}

# RFC 5322 4.3. A military letter and any other name say nothing that can be relied on: +0000.
_ZONES = {
    b"est": -300, b"edt": -240, b"cst": -360, b"cdt": -300, b"mst": -420, b"mdt": -360,
    b"pst": -480, b"pdt": -420, b"jst": 540, b"cet": 60, b"cest": 120, b"eet": 120,
    b"eest": 180, b"msk": 180, b"bst": 60, b"hst": -600, b"akst": -540, b"akdt": -480,
}  # fmt: skip

_COMMENT_RE = re.compile(rb"\((?:[^()\\]|\\.)*\)", re.DOTALL)
_DATE_RE = re.compile(
    rb"\s*(?:[a-z]+\.?\s*,?\s*)?(\d{1,2})[\s-]+([a-z]{3})[a-z]*\.?,?[\s-]+(\d{2,5})(?:\s*,?\s+|T)"
    rb"(\d{1,2})\s*[:.]\s*(\d{1,2})(?:\s*[:.]\s*(\d{1,2})(?:[.,]\d+)?)?"
    rb"(?:\s*([+-])(\d{2}):?(\d{2})|\s+(?:gmt|utc)?\s*([+-])(\d{2}):?(\d{2})|\s*([a-z]+))?",
    re.IGNORECASE,
)
# asctime(3), which old Unix mailers put there: Thu Feb  3 17:03:55 GMT 1994
_ASCTIME_RE = re.compile(
    rb"\s*(?:[a-z]+\s*,?\s+)?([a-z]{3})[a-z]*\s+(\d{1,2})\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?"
    rb"(?:\s+(?:([+-])(\d{2})(\d{2})|([a-z]+)))?\s+(\d{4})",
    re.IGNORECASE,
)
_IMAP_RE = re.compile(
    rb"( \d|\d{1,2})-([a-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})", re.IGNORECASE
)


def parse_date(value: bytes) -> tuple[int, int] | None:
    """The value of a Date field as (seconds since 1970 UTC, zone in minutes east), or None.

    A missing or unknown zone is +0000. Two-digit years are those of RFC 5322 4.3.
    """
    for _ in range(8):  # comments nest; deeper ones make the date unreadable, not slow
        value, replaced = _COMMENT_RE.subn(b" ", value)
        if not replaced:
            break
    found = _DATE_RE.match(value)
    if found:
        day, month, year, hour, minute, second = found.groups()[:6]
        zone = _zone(found[7] or found[10], found[8] or found[11], found[9] or found[12], found[13])
        return _epoch(year, month, day, hour, minute, second, zone)
    found = _ASCTIME_RE.match(value)
    if found:
        month, day, hour, minute, second, sign, hours, minutes, name, year = found.groups()
        zone = _zone(sign, hours, minutes, name)
        return _epoch(year, month, day, hour, minute, second, zone)
    return None


def parse_imap_date_time(text: bytes) -> tuple[int, int] | None:
    """IMAP's `17-Jul-1996 02:44:25 -0700` (without quotes) as `parse_date` gives it, or None."""
    found = _IMAP_RE.fullmatch(text)
    if not found:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    return _epoch(year, month, day, hour, minute, second, _zone(sign, hours, minutes, None))


def format_imap_date_time(epoch: int, zone: int = 0) -> bytes:
    """Seconds since 1970 as IMAP's date-time (without quotes) in a zone of `zone` minutes east.

    Raises ValueError for a time outside the years 1 to 9999.
    """
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=epoch, minutes=zone)
    except OverflowError as exc:
        raise ValueError(f"{epoch} seconds since 1970 is outside the years 1 to 9999") from exc
    sign, (hours, minutes) = "-" if zone < 0 else "+", divmod(abs(zone), 60)
    month = _MONTHS[at.month - 1].capitalize()
    text = f"{at.day:02}-{month}-{at.year:04} {at:%H:%M:%S} {sign}{hours:02}{minutes:02}"
    return text.encode()


def _zone(
    sign: bytes | None, hours: bytes | None, minutes: bytes | None, name: bytes | None
) -> int:
    if sign and hours and minutes:
        east = int(hours) * 60 + int(minutes)
        return -east if sign == b"-" else east
    return _ZONES.get((name or b"").lower(), 0)


def _epoch(
    year: bytes,
    month: bytes,
    day: bytes,
    hour: bytes,
    minute: bytes,
    second: bytes | None,
    zone: int,
) -> tuple[int, int] | None:
    number = _MONTH_OF.get(month.lower())
    if number is None:
        return None
    full = _full_year(int(year), len(year))
    clock = int(hour), int(minute), min(int(second or b"0"), 59)
    try:
        at = datetime(full, number, int(day), *clock)
    except ValueError:
        return None
    leap = 1 if second is not None and int(second) == 60 else 0
    if second is not None and int(second) > 60:
        return None
    return timegm(at.timetuple()) + leap - zone * 60, zone


def _full_year(year: int, digits: int) -> int:
    if digits == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if digits == 3 else year
