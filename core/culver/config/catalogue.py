"""What Dovecot 2.3 and 2.4 call their settings, whether or not anything here uses them."""

from functools import cache
from importlib.resources import files
from typing import Final

from msgspec import Struct

from culver.config.kinds import STRING, Kind, enum_kind, kind_of
from culver.config.types import Duration, Octal, Port, Size, TimeMsecs

_KINDS: Final[dict[str, type]] = {
    "bool": bool,
    "int": int,
    "Size": Size,
    "Duration": Duration,
    "TimeMsecs": TimeMsecs,
    "Octal": Octal,
    "Port": Port,
}


class Known(Struct, frozen=True):
    """A name of Dovecot's: its kind and default in 2.3, or that it is none of 2.3's settings.

    `place` is `2.3` (a setting), `plugin` (belongs into plugin {}) or `2.4` (came with 2.4;
    `old_names` are what 2.3 calls it, if it has it).
    """

    name: str
    place: str
    kind: Kind = STRING
    default: str = ""
    old_names: tuple[str, ...] = ()


@cache
def catalogue() -> dict[str, Known]:
    """Every known name. Read once, from the table beside this module."""
    text = files("culver.config").joinpath("catalogue.txt").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and line[0] != "#")
    return {row[0]: _known(*row) for row in rows}


def _known(name: str, kind: str, rest: str = "") -> Known:
    if kind == "2.4":
        return Known(name, "2.4", old_names=tuple(rest.split()))
    if kind == "plugin":
        return Known(name, "plugin")
    return Known(name, "2.3", _kind(kind), rest)


def _kind(word: str) -> Kind:
    name, _, values = word.partition(":")
    if name == "enum":
        return enum_kind(tuple(values.split(":")))
    return kind_of(_KINDS[name]) if name in _KINDS else STRING
