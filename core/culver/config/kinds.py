"""How the annotation of a setting becomes a reader and a writer of its text form."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, get_args, get_origin

from msgspec import Struct, structs

from culver.config.types import SettingType, SpaceList

_TRUE: Final = frozenset({"yes", "y", "1"})
_MAX_UINT: Final = 2**32 - 1

# What a reader may find in a file, per type, for the errors and the reference.
_ALLOWED: Final = {
    "Size": "bytes, or a number with B, K, M, G or T",
    "Duration": "a number with secs, mins, hours, days or weeks; 0",
    "TimeMsecs": "a number with msecs, secs, mins, hours, days or weeks; 0",
    "Octal": "an octal mode such as 0600",
    "Port": "0 to 65535",
    "Unlimited": "0 to 4294967295, or unlimited",
    "IpList": "IP addresses or networks, parted by spaces or commas",
    "Url": "a URL",
}


class Kind(Struct, frozen=True):
    """One type of setting: its name, reader (raises `ValueError`), writer, and what is allowed."""

    name: str
    parse: Callable[[str], Any]
    to_text: Callable[[Any], str]
    allowed: str = ""
    values: tuple[str, ...] = ()


def _parse_bool(text: str) -> bool:
    word = text.lower()
    if word in _TRUE:
        return True
    if word == "no":
        return False
    raise ValueError(f"Invalid boolean value: {text}")


def _parse_uint(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > _MAX_UINT:
        raise ValueError(f"Invalid number {text}")
    return int(text)


def _bool_text(value: bool) -> str:
    return "yes" if value else "no"


BOOL: Final = Kind("bool", _parse_bool, _bool_text, "yes, no", ("yes", "no"))
UINT: Final = Kind("int", _parse_uint, str, "0 to 4294967295")
STRING: Final = Kind("str", str, str)


def enum_kind(values: tuple[str, ...]) -> Kind:
    """A kind that takes exactly these words."""

    def parse(text: str) -> str:
        if text not in values:
            raise ValueError(f"Invalid value: {text}")
        return text

    return Kind("enum", parse, str, ", ".join(v or '""' for v in values), values)


_cache: dict[Any, Kind] = {bool: BOOL, int: UINT, str: STRING}


def kind_of(annotation: Any) -> Kind:
    """The kind of an annotation (without its `Annotated`). Raises `TypeError` if there is none."""
    try:
        return _cache[annotation]
    except KeyError:
        kind = _cache[annotation] = _make_kind(annotation)
        return kind


def _make_kind(annotation: Any) -> Kind:
    origin, args = get_origin(annotation), get_args(annotation)
    if type(None) in args:
        return _optional(next(arg for arg in args if arg is not type(None)))
    if origin is Literal and all(isinstance(value, str) for value in args):
        return enum_kind(args)
    if origin is tuple and args == (str, ...):
        return _class_kind(SpaceList)
    if origin in (Mapping, dict):
        return Kind("strmap", str, str)
    if isinstance(annotation, type) and issubclass(annotation, SettingType):
        return _class_kind(annotation)
    raise TypeError(f"{annotation!r} is no type of a setting")


def _optional(annotation: Any) -> Kind:
    """A kind whose default may be None, for a setting whose empty value means something."""
    kind = kind_of(annotation)

    def to_text(value: Any) -> str:
        return "" if value is None else kind.to_text(value)

    return structs.replace(kind, to_text=to_text)


def _class_kind(cls: type[SettingType]) -> Kind:
    return Kind(cls.__name__, cls.parse, cls.to_text, _ALLOWED.get(cls.__name__, ""))
