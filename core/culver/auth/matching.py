"""``username_filter``: for whom a passdb is (inventory R3-007)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def compile_filter(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A predicate on user names.  ``*`` and ``?`` are wildcards; ``!pattern`` excludes and wins.

    With only exclusions everybody else is in.
    """
    if not patterns:
        return lambda user: True
    exclude = _any([pattern[1:] for pattern in patterns if pattern.startswith("!")])
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    include = _any(wanted)
    if not wanted:
        return lambda user: not exclude(user)
    return lambda user: not exclude(user) and include(user)


def _any(patterns: Sequence[str]) -> Callable[[str], bool]:
    if not patterns:
        return lambda user: False
    parts = [re.escape(p).replace(r"\*", ".*").replace(r"\?", ".") for p in patterns]
    match = re.compile("|".join(parts), re.DOTALL).fullmatch
    return lambda user: match(user) is not None
