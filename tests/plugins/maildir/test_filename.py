"""Names of Maildir files."""

from __future__ import annotations

import pytest

from culver.mail.flags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN
from culver_plugins.maildir.filename import (
    NameMaker,
    arrival_order,
    base_of,
    flags_of,
    sizes_of,
    with_flags,
)


@pytest.mark.parametrize(
    ("name", "flags", "keywords"),
    [
        ("1.a.host", 0, 0),
        ("1.a.host:2,", 0, 0),
        ("1.a.host:2,DFRST", DRAFT | FLAGGED | ANSWERED | SEEN | DELETED, 0),
        ("1.a.host:2,Sac", SEEN, 0b101),
        ("1.a.host:2,PSz", SEEN, 1 << 25),
        ("1.a.host:2,S,abc", SEEN, 0),
        ("1.a.host:1,S", 0, 0),
        ("cur/1.a.host,S=1:2,F", FLAGGED, 0),
    ],
)
def test_flags_of(name: str, flags: int, keywords: int) -> None:
    assert flags_of(name) == (flags, keywords)


@pytest.mark.parametrize(
    ("name", "flags", "keywords", "wanted"),
    [
        ("a", 0, 0, "a:2,"),
        ("a", SEEN | DRAFT, 0b11, "a:2,DSab"),
        ("a:2,S", 0, 0, "a:2,"),
        ("a:2,PS", FLAGGED, 0, "a:2,FP"),
        ("a:2,Sa,rest,x", DELETED, 0b10, "a:2,Tb,rest,x"),
        ("a:1,exp", SEEN, 0, "a:2,S"),
        ("a,S=1,W=2:2,", ANSWERED, 0, "a,S=1,W=2:2,R"),
    ],
)
def test_with_flags(name: str, flags: int, keywords: int, wanted: str) -> None:
    assert with_flags(name, flags, keywords) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a", (-1, -1)),
        ("a,S=10", (10, -1)),
        ("a,S=10,W=12:2,S", (10, 12)),
        ("a,W=12,S=10,X=1", (10, 12)),
        ("a,S=x,W=1z", (-1, -1)),
        ("a:2,S=5", (-1, -1)),
    ],
)
def test_sizes_of(name: str, wanted: tuple[int, int]) -> None:
    assert sizes_of(name) == wanted


def test_base_of() -> None:
    assert base_of("a,S=1:2,S") == "a,S=1"


def test_arrival_order() -> None:
    names = ["z", "2.M1P1.h", "10.M1P1.h", "2.M10P1.h:2,S", "2.P1.h"]
    assert sorted(names, key=arrival_order) == [
        "z",
        "2.P1.h",
        "2.M1P1.h",
        "2.M10P1.h:2,S",
        "10.M1P1.h",
    ]


def test_names_are_unique_and_ascend() -> None:
    make = NameMaker()
    names = [make() for _ in range(1000)]
    assert len(set(names)) == 1000
    assert sorted(names, key=arrival_order) == names
    assert not any("/" in name or ":" in name for name in names)
