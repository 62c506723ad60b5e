import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.mime.subject import base_subject


@pytest.mark.parametrize(
    ("subject", "base", "is_reply"),
    [
        ("hello", "HELLO", False),
        ("Re: hello", "HELLO", True),
        ("RE : hello", "HELLO", True),
        ("Re[2]: fwd: FW: hello", "HELLO", True),
        ("[list] Re: hello", "HELLO", True),
        ("Re: [list] hello", "HELLO", True),
        ("[list] hello", "HELLO", False),
        ("[only]", "[ONLY]", False),
        ("hello (fwd)  (FWD)", "HELLO", True),
        ("[fwd: hello]", "HELLO", True),
        ("[Fwd: Re: [x] hello (fwd)]", "HELLO", True),
        ("a\n  b\tc", "A B C", False),
        ("=?utf-8?q?Re=3A_gr=C3=BCn?=", "GRU\u0308N", True),
        ("Regarding: x", "REGARDING: X", False),
        ("", "", False),
        ("Re:", "", True),
    ],
)
def test_base_subject(subject: str, base: str, is_reply: bool) -> None:
    assert base_subject(subject.encode()) == (base, is_reply)


@given(st.text("re:fwd[]() \n", max_size=60))
def test_a_base_is_its_own_base(subject: str) -> None:
    base, _ = base_subject(subject.encode())
    assert base_subject(base.encode()) == (base, False)
