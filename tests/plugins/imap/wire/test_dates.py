"""Dates of SEARCH and APPEND."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver_plugins.imap.wire import dates


@pytest.mark.parametrize("text", [b"1-Feb-1994", b"01-FEB-1994", b" 1-feb-1994"])
def test_date(text: bytes) -> None:
    assert dates.parse_date(text) == date(1994, 2, 1)


@pytest.mark.parametrize(
    "text",
    [b"", b"1-Feb-94", b"30-Feb-1994", b"0-Feb-1994", b"1-Foo-1994", b"1-Feb-0000", b"1 Feb 1994",
     b"1-Feb-1994 ", b"001-Feb-1994"],
)  # fmt: skip
def test_no_date(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        dates.parse_date(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"17-Jul-1996 02:44:25 -0700", datetime(1996, 7, 17, 9, 44, 25, tzinfo=UTC)),
        (b" 7-Feb-1994 22:43:04 +0130", datetime(1994, 2, 7, 21, 13, 4, tzinfo=UTC)),
        (b"07-feb-1994 23:59:60 +0000", datetime(1994, 2, 7, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_date_time(text: bytes, expected: datetime) -> None:
    assert dates.parse_date_time(text) == expected


@pytest.mark.parametrize(
    "text",
    [b"17-Jul-1996", b"17-Jul-1996 02:44:25", b"17-Jul-1996 25:44:25 -0700",
     b"17-Jul-1996 02:60:25 -0700", b"17-Jul-1996 02:44:61 -0700", b"17-Jul-1996 02:44:25 0700",
     b"17-Jul-1996 02:44:25 +2400", b"17-Jul-1996 02:44:25 +0060", b"99-Jul-1996 02:44:25 -0700",
     b"17-Jul-1996 02:44:25 -0700 ", b"x"],
)  # fmt: skip
def test_no_date_time(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        dates.parse_date_time(text)


def test_formats() -> None:
    assert dates.format_date(date(1994, 2, 1)) == b"1-Feb-1994"
    assert dates.format_date_time(837_596_665, -420) == b"17-Jul-1996 02:44:25 -0700"
    assert dates.format_date_time(0, 90) == b"01-Jan-1970 01:30:00 +0130"
    assert dates.format_date_time(1 << 62) == b"01-Jan-1970 00:00:00 +0000"


@given(st.integers(-(10**10), 10**11), st.integers(-1439, 1439))
def test_what_is_written_is_read_back(timestamp: int, offset: int) -> None:
    when = dates.parse_date_time(dates.format_date_time(timestamp, offset))

    assert when.timestamp() == timestamp
    assert when.tzinfo == timezone(timedelta(minutes=offset))
