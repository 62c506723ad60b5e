"""LIST patterns: ``*`` matches anything, ``%`` anything but the separator (RFC 3501 6.3.8)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby


def matches(patterns: Iterable[str], name: str, separator: str) -> bool:
    """Whether any of the patterns matches the whole name.  INBOX compares without case, also as
    the first part of a name."""
    return any(compile_pattern(pattern, separator).fullmatch(name) for pattern in patterns)


def matches_parent(patterns: Iterable[str], name: str, separator: str) -> bool:
    """Whether a name below ``name`` could match: whether a walk of the tree must go down."""
    probe = name + separator
    for pattern in patterns:
        for end in range(len(pattern) + 1):
            if pattern[end - 1 : end] == "*" and compile_pattern(
                pattern[:end], separator
            ).fullmatch(probe):
                return True
            if compile_pattern(pattern[:end], separator).fullmatch(probe):
                return True
    return False


@lru_cache(maxsize=256)
def compile_pattern(pattern: str, separator: str) -> re.Pattern[str]:
    """The pattern as an expression for ``fullmatch``."""
    # Runs of wildcards are folded into one, and each takes its text possessively where the
    # next literal allows it: "%*%*%*x" must not take exponential time.
    parts: list[str] = []
    head, rest = _inbox_head(pattern, separator)
    for wild, run in groupby(rest, key=lambda char: char in "*%"):
        text = "".join(run)
        if not wild:
            parts.append(re.escape(text))
        elif "*" in text:
            parts.append(".*")
        else:
            parts.append(f"[^{re.escape(separator)}]*")
    return re.compile(head + "".join(parts), re.DOTALL)


def _inbox_head(pattern: str, separator: str) -> tuple[str, str]:
    first, found, _ = pattern.partition(separator)
    if first.upper() == "INBOX" and (found or len(pattern) == len(first)):
        return "(?i:INBOX)", pattern[len(first) :]
    return "", pattern
