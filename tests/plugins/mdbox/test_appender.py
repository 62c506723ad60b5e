"""When a storage file is too old to be appended to."""

from __future__ import annotations

import time

import pytest

from culver_plugins.mdbox.appender import interval_begin

NOW = time.mktime((2026, 3, 4, 15, 16, 17, 0, 0, -1))


@pytest.mark.parametrize(
    ("interval", "begin"),
    [
        (86400, (2026, 3, 4, 0, 0, 0)),
        (7 * 86400, (2026, 2, 26, 0, 0, 0)),
        (3600, (2026, 3, 4, 15, 0, 0)),
        (2 * 3600, (2026, 3, 4, 14, 0, 0)),
        (60, (2026, 3, 4, 15, 16, 0)),
        (1, (2026, 3, 4, 15, 16, 17)),
        (10, (2026, 3, 4, 15, 16, 8)),
    ],
)
def test_where_an_interval_begins(interval: int, begin: tuple[int, ...]) -> None:
    year, month, day, hour, minute, second = begin
    wanted = time.mktime((year, month, day, hour, minute, second, 0, 0, -1))
    assert interval_begin(interval, NOW) == int(wanted)


def test_without_an_interval_no_file_is_too_old() -> None:
    assert interval_begin(0, NOW) == 0
