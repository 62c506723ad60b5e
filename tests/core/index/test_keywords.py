"""Keyword names and their bits in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.index.errors import BadRecord
from culver.index.keywords import Keywords

NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1),
    unique_by=str.lower,
    max_size=40,
)


def test_the_bytes_are_dovecots() -> None:
    raw = Keywords(["kw1", "$Junk"]).encode(144)
    assert raw[:20].hex() == "02000000 00000000 00000000 00000000 04000000".replace(" ", "")
    assert raw[20:30] == b"kw1\0$Junk\0"
    assert raw[30:] == bytes(114)


@given(NAMES, st.integers(0, 300))
def test_names_in_both_directions(names: list[str], at_least: int) -> None:
    raw = Keywords(names).encode(at_least)
    assert len(raw) >= at_least
    if raw:
        assert Keywords.decode(raw).names == names


def test_names_compare_without_case() -> None:
    keywords = Keywords(["Work"])
    assert keywords.find("WORK") == 0
    assert keywords.add("work") == 0
    assert keywords.find("play") is None
    assert keywords.add("play") == 1
    assert len(keywords) == 2


@pytest.mark.parametrize(
    ("count", "size"), [(1, 2), (8, 2), (9, 3), (24, 4), (25, 4), (32, 4), (33, 6)]
)
def test_records_have_room_to_grow(count: int, size: int) -> None:
    assert Keywords(f"k{n}" for n in range(count)).record_size() == size


@pytest.mark.parametrize(
    "raw",
    [
        "0100",
        "01000000",
        "01000000 00000000 00000000 61",
        "01000000 00000000 00000000 00",
        "01000000 00000000 05000000 6100",
        "02000000 00000000 00000000 00000000 02000000 6100 4100",
        "ffffff7f 00000000 00000000 6100",
    ],
)
def test_broken_headers_are_refused(raw: str) -> None:
    with pytest.raises(BadRecord):
        Keywords.decode(bytes.fromhex(raw))
