"""Values of filters: patterns with wildcards, numbers with units, and networks."""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network

_PIECE: Final = re.compile(r"\\(.)|([*?])|([^\\*?]+|\\)", re.DOTALL)


def has_wildcard(value: str) -> bool:
    """Whether a value has a `*` or `?` that no backslash makes plain."""
    return any(match[2] for match in _PIECE.finditer(value))


def literal(value: str) -> str:
    """The value without its backslash escapes."""
    return _PIECE.sub(lambda match: match[1] or match[0], value)


def pattern(value: str, ignore_case: bool) -> Callable[[str], bool]:
    """A test of whole strings against a value in which `*` and `?` are wildcards."""
    if not has_wildcard(value):
        plain = literal(value)
        if not ignore_case:
            return plain.__eq__
        folded = plain.lower()
        return lambda text: text.lower() == folded
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    compiled = re.compile(_glob(value), flags).fullmatch
    return lambda text: compiled(text) is not None


def _glob(value: str) -> str:
    # Each star takes as little as lets the next piece match, and never reconsiders (an atomic
    # group): text from the network must not make a pattern with many stars backtrack.
    segments = [""]
    for match in _PIECE.finditer(value):
        if match[2] == "*":
            segments.append("")
        else:
            segments[-1] += "." if match[2] else re.escape(match[1] or match[3])
    if len(segments) == 1:
        return segments[0]
    first, *middle, last = segments
    return first + "".join(f"(?>.*?{segment})" for segment in middle) + ".*" + last


_SIZES: Final = {"b": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_SIZE: Final = re.compile(r"(\d+) *(b|[kmgt](?:ib?|b)|[kgt])", re.IGNORECASE)
_INTERVALS: Final = {
    "ms": 1_000,
    "msec": 1_000,
    "msecs": 1_000,
    "s": 1_000_000,
    "sec": 1_000_000,
    "secs": 1_000_000,
    "min": 60_000_000,
    "mins": 60_000_000,
    "h": 3_600_000_000,
    "hour": 3_600_000_000,
    "hours": 3_600_000_000,
    "d": 86_400_000_000,
    "day": 86_400_000_000,
    "days": 86_400_000_000,
    "w": 604_800_000_000,
    "week": 604_800_000_000,
    "weeks": 604_800_000_000,
}
_INTERVAL: Final = re.compile(r"(\d+) *([a-z]+)", re.IGNORECASE)
# How many microseconds a field counts as one, by the unit that its doc gives.
_FIELD_UNITS: Final = {"secs": 1_000_000, "msecs": 1_000}
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")

NUMBERS: Final = (
    "a number, a size such as 10KB (B KB MB GB TB), or a time such as 5secs "
    "(msecs secs mins hours days weeks; 5m could be minutes or megabytes)"
)
"""What `number` understands, for error messages."""


def number(value: str, unit: str | None = None) -> float | None:
    """A number as a field of this unit counts it, or None when the value isn't one.

    Sizes are powers of 1024; times are microseconds unless the field counts otherwise.
    """
    if _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    size = _SIZE.fullmatch(value)
    if size:
        return int(size[1]) * int(1024 ** _SIZES[size[2][0].lower()])
    interval = _INTERVAL.fullmatch(value)
    if interval is None or interval[2].lower() not in _INTERVALS:
        return None
    usecs = int(interval[1]) * _INTERVALS[interval[2].lower()]
    scale = _FIELD_UNITS.get(unit or "", 1)
    return usecs // scale if usecs % scale == 0 else usecs / scale


def boolean(value: str) -> bool | None:
    """yes/no, true/false, 1/0 in any case; None for anything else."""
    return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(
        value.lower()
    )


def network(value: str) -> Network | None:
    """An address or a network with a mask, or None. `fe80::1%eth0` keeps its scope."""
    try:
        return ip_network(value, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def address(value: str) -> IPv4Address | IPv6Address | None:
    """A parsed address, v4 ones mapped into v6 as v4; None for text that isn't one."""
    try:
        parsed = ip_address(value)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed
