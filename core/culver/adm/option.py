"""Options of a command of ``culver adm``, read as getopt_long(3) does."""

from __future__ import annotations

import getopt
from collections.abc import Sequence

import msgspec

from culver.adm.errors import AdmError, WrongUsage


class Option(msgspec.Struct, frozen=True):
    """``--name`` and, when ``short`` is not empty, ``-s``."""

    name: str
    short: str = ""
    takes_value: bool = False


MAIL_OPTIONS = (
    Option("all-users", "A"),
    Option("socket-path", "S", takes_value=True),
    Option("user", "u", takes_value=True),
    Option("user-file", "F", takes_value=True),
)
"""What every mail command has."""


class Given:
    """The options that were given."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str, default: str = "") -> str:
        """The last value given."""
        return self._values.get(name, [default])[-1]

    def all(self, name: str) -> list[str]:
        """Every value given, in order."""
        return self._values.get(name, [])

    def number(self, name: str, default: int = 0) -> int:
        """A decimal number.  Raises AdmError USAGE for another text."""
        text = self.get(name, str(default))
        if not (text.isascii() and text.isdigit()):
            raise AdmError(f"Invalid --{name} parameter number: {text}", 64)
        return int(text)


def parse_options(
    words: Sequence[str], options: Sequence[Option], *, ordered: bool = False
) -> tuple[Given, list[str]]:
    """Options and arguments.

    Options may stand between arguments, unless ``ordered``: then they end at the first argument.
    Raises WrongUsage with getopt's text.
    """
    short = "".join(o.short + (":" if o.takes_value else "") for o in options if o.short)
    long = [o.name + ("=" if o.takes_value else "") for o in options]
    parse = getopt.getopt if ordered else getopt.gnu_getopt
    try:
        pairs, args = parse(list(words), short, long)
    except getopt.GetoptError as error:
        raise WrongUsage(str(error)) from None
    names = {f"-{o.short}": o.name for o in options if o.short}
    return Given([(names.get(key, key.removeprefix("--")), value) for key, value in pairs]), args
