"""Options of commands, as getopt_long(3) reads them."""

import pytest

from culver.adm.errors import AdmError, WrongUsage
from culver.adm.option import Option, parse_options

OPTIONS = (
    Option("user", "u", takes_value=True),
    Option("all-users", "A"),
    Option("field", takes_value=True),
)


@pytest.mark.parametrize(
    ("words", "ordered", "given", "rest"),
    [
        (["-u", "bob", "x"], False, {"user": ["bob"]}, ["x"]),
        (["x", "-ubob", "-A"], False, {"user": ["bob"], "all-users": [""]}, ["x"]),
        (["x", "-A"], True, {}, ["x", "-A"]),
        (["--", "-A"], False, {}, ["-A"]),
        (["--field", "a", "--field=b"], False, {"field": ["a", "b"]}, []),
        ([], False, {}, []),
    ],
)
def test_options(
    words: list[str], ordered: bool, given: dict[str, list[str]], rest: list[str]
) -> None:
    found, args = parse_options(words, OPTIONS, ordered=ordered)

    assert {o.name: found.all(o.name) for o in OPTIONS if o.name in found} == given
    assert args == rest


@pytest.mark.parametrize("words", [["-x"], ["-u"], ["--nosuch"], ["--all-users=1"]])
def test_wrong_options(words: list[str]) -> None:
    with pytest.raises(WrongUsage):
        parse_options(words, OPTIONS)


def test_numbers() -> None:
    found, _ = parse_options(["-u", "12"], OPTIONS)

    assert found.number("user") == 12
    assert found.number("field", 3) == 3


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5"])
def test_what_is_no_number(text: str) -> None:
    found, _ = parse_options(["--user", text], OPTIONS)

    with pytest.raises(AdmError, match="--user") as caught:
        found.number("user")
    assert caught.value.code == 64
