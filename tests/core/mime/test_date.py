from email.utils import mktime_tz, parsedate_tz

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.date import format_imap_date_time, parse_date, parse_imap_date_time


@pytest.mark.parametrize(
    ("value", "epoch", "zone"),
    [
        ("Fri, 21 Nov 1997 09:55:06 -0600", 880127706, -360),
        ("Tue, 1 Jul 2003 10:52:37 +0200 (CEST)", 1057049557, 120),
        ("21 Nov 97 09:55:06 GMT", 880106106, 0),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880127706, -360),
        ("Thu,\n      13\n        Feb\n          1969\n      23:32\n"
         "               -0330 (Newfoundland Time)", -27723480, -210),
        ("Thu Feb  3 17:03:55 GMT 1994", 760295035, 0),
        ("Mon, 24 Jun 2019 12:00:00", 1561377600, 0),
        ("1 Jan 2000 00:00 EST", 946702800, -300),
        ("Sat, 31 Dec 2016 23:59:60 +0000", 1483228800, 0),
        ("24-Jun-2019 12:00:00 +0000", 1561377600, 0),
        ("Mon, 24 Jun 2019 12.00.00 +0000", 1561377600, 0),
        ("Mon, 24 June 2019 12:00:00 +00:00", 1561377600, 0),
        ("Mon, 24 Jun 119 12:00:00 UT", 1561377600, 0),
        ("Mon, 24 Jun 19 12:00:00 Z", 1561377600, 0),
    ],
)  # fmt: skip
def test_dates_of_mails(value: str, epoch: int, zone: int) -> None:
    assert parse_date(value.encode()) == (epoch, zone)


@pytest.mark.parametrize(
    "value",
    ["", "garbage", "Wed, 31 Feb 2000 1:1:1 +0000", "1 Foo 2000 1:1:1", "1 Jan 2000 25:00:00",
     "1 Jan 2000 10:10:61", "1 Jan 0000 10:10:10"],
)  # fmt: skip
def test_no_date_is_none(value: str) -> None:
    assert parse_date(value.encode()) is None


@given(st.binary(max_size=80))
def test_garbage_never_raises(value: bytes) -> None:
    parse_date(value)
    parse_imap_date_time(value)


@given(st.integers(-(10**9), 4 * 10**9), st.integers(-12 * 60, 14 * 60))
def test_imap_dates_go_both_ways(epoch: int, zone: int) -> None:
    text = format_imap_date_time(epoch, zone)

    assert parse_imap_date_time(text) == (epoch, zone)
    fields = parsedate_tz(text.decode())
    assert fields is not None
    assert mktime_tz(fields) == epoch


@pytest.mark.parametrize("text", [b"17-Jul-1996 02:44:25 -0700", b" 7-Jul-1996 02:44:25 +0000"])
def test_imap_date_time_as_in_the_rfc(text: bytes) -> None:
    assert parse_imap_date_time(text) is not None


@pytest.mark.parametrize("text", [b"17-Jul-96 02:44:25 -0700", b"32-Jul-1996 02:44:25 -0700", b""])
def test_other_date_times_are_refused(text: bytes) -> None:
    assert parse_imap_date_time(text) is None


def test_a_time_without_a_year_says_which_years_there_are() -> None:
    with pytest.raises(ValueError, match="outside the years 1 to 9999"):
        format_imap_date_time(10**15)
