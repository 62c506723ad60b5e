"""LIST patterns."""

from __future__ import annotations

import pytest

from culver.mail.match import matches, matches_parent

TABLE = [
    ("*", "a/b/c", True),
    ("%", "a", True),
    ("%", "a/b", False),
    ("a/%", "a/b", True),
    ("a/%", "a/b/c", False),
    ("a/*", "a/b/c", True),
    ("a*", "a", True),
    ("a*c", "a/b/c", True),
    ("a%c", "a/c", False),
    ("%/%", "a/b", True),
    ("%%", "a", True),
    ("%*", "a/b", True),
    ("inbox", "INBOX", True),
    ("inbox/x", "INBOX/x", True),
    ("INBOX/X", "INBOX/x", False),
    ("a", "A", False),
    ("", "a", False),
    ("a.b", "axb", False),
    ("[a]", "[a]", True),
    ("*Ö*", "xÖy", True),
]


@pytest.mark.parametrize(("pattern", "name", "wanted"), TABLE)
def test_table(pattern: str, name: str, wanted: bool) -> None:
    assert matches([pattern], name, "/") is wanted


def test_any_of_several() -> None:
    assert matches(["a", "b"], "b", ".")
    assert not matches([], "b", ".")


def test_many_wildcards_are_one() -> None:
    # Would never end if each were tried against each.
    assert not matches(["%*" * 50 + "x"], "a" * 5000, "/")


@pytest.mark.parametrize(
    ("pattern", "name", "wanted"),
    [
        ("a/%", "a", True),
        ("a/b", "a", True),
        ("b/%", "a", False),
        ("*x", "a", True),
        ("%", "a", False),
    ],
)
def test_whether_a_walk_goes_down(pattern: str, name: str, wanted: bool) -> None:
    assert matches_parent([pattern], name, "/") is wanted


def test_a_pattern_that_makes_others_backtrack_is_cheap() -> None:
    """A regular expression would need more steps than there are atoms."""
    assert not matches(["*a" * 400 + "*b"], "a" * 2000, "/")
    assert matches(["*a" * 400 + "*"], "a" * 2000, "/")
