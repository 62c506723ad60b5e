"""Lines of the language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culver.config.language import Line, Op, scan, unescape

TABLE: list[tuple[str, list[tuple[Op, str, str]]]] = [
    ("", []),
    ("\n# c\n   \n", []),
    ("a = b", [(Op.SET, "a", "b")]),
    ("a=b", [(Op.SET, "a", "b")]),
    ("\ta\t=\tb c\t", [(Op.SET, "a", "b c")]),
    ("a =", [(Op.SET, "a", "")]),
    ("a = b = c", [(Op.SET, "a", "b = c")]),
    ("a = b # c", [(Op.SET, "a", "b")]),
    ("a = 'b # c'", [(Op.SET, "a", "b # c")]),
    ('a = "b \\" c"', [(Op.SET, "a", 'b " c')]),
    ("a = '\\'b'", [(Op.SET, "a", "'b")]),
    ("a = '' x", [(Op.SET, "a", "'' x")]),
    ('a = "', [(Op.SET, "a", "")]),
    ("a = b \\\n   c", [(Op.SET, "a", "b c")]),
    ("a = b\\\n\\\nc", [(Op.SET, "a", "b c")]),
    ("a = <b", [(Op.FILE, "a", "b")]),
    ("a = < b", [(Op.FILE, "a", "b")]),
    ("a = $b c", [(Op.VARIABLE, "a", "$b c")]),
    ("a = '$b'", [(Op.SET, "a", "$b")]),
    ("a {", [(Op.OPEN, "a", "")]),
    ("a b {", [(Op.OPEN, "a", "b")]),
    ('a "b \\\\c" {', [(Op.OPEN, "a", "b \\c")]),
    ("  }  ", [(Op.CLOSE, "", "")]),
    ("} # c", [(Op.CLOSE, "", "")]),
    ("!include x/*.conf", [(Op.INCLUDE, "!include", "x/*.conf")]),
    ("!include_try x", [(Op.INCLUDE_TRY, "!include_try", "x")]),
    ("a = b\r\nc = d\r\n", [(Op.SET, "a", "b"), (Op.SET, "c", "d")]),
]
ERRORS = ["a", "a b", "a b c {", "a { b = c }", "a {}", "= b", "{", "a b{"]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_lines(text: str, expected: list[tuple[Op, str, str]]) -> None:
    assert [tuple(line[:3]) for line in scan(text)] == expected


@pytest.mark.parametrize("text", ERRORS)
def test_a_line_that_cannot_be_read(text: str) -> None:
    assert [line.op for line in scan(text)] == [Op.ERROR]


@pytest.mark.parametrize("end", ["", "\n", "\n\n# c\n"])
def test_numbers_count_every_line(end: str) -> None:
    text = "\n# c\na = b\n\nc = 'x#' \\\n  d\n}" + end

    assert list(scan(text)) == [
        Line(Op.SET, "a", "b", 3),
        Line(Op.SET, "c", "'x#' d", 6),
        Line(Op.CLOSE, "", "", 7),
    ]


def test_an_ambiguous_comment_is_told() -> None:
    warning, line = scan("a = b#c")

    assert warning.op is Op.WARNING
    assert "Ambiguous" in warning.value
    assert line == Line(Op.SET, "a", "b", 1)


@pytest.mark.parametrize("after", ["", "# c", "   "])
def test_a_line_lost_at_an_empty_one_is_told(after: str) -> None:
    found = list(scan(f"a = b \\\n{after}\nc = d"))

    assert [line.op for line in found] == [Op.WARNING, Op.SET]
    assert "a = b" in found[0].value
    assert found[1].key == "c"


def test_backslashes() -> None:
    assert unescape("a\\\\b\\c\\") == "a\\bc\\"


@given(st.text(alphabet=st.sampled_from("ab ={}\n\t#\"'\\$<!/\r\x0b\x85")))
def test_garbage_never_raises_and_numbers_rise(text: str) -> None:
    numbers = [line.number for line in scan(text)]

    assert numbers == sorted(numbers)
    assert all(1 <= number <= text.count("\n") + 1 for number in numbers)


@given(st.lists(st.sampled_from(["a = b", "c d {", "}", "# x", "", "e = 'f#' # g", "h = $i"])))
def test_each_line_means_the_same_alone_and_among_others(parts: list[str]) -> None:
    together = [line[:3] for line in scan("\n".join(parts))]
    alone = [line[:3] for part in parts for line in scan(part)]

    assert together == alone
