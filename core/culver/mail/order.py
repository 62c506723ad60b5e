"""The order of layers and transforms, from what each says it goes before and after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from culver.registry import Entry

T = TypeVar("T")


class OrderError(Exception):
    """The wishes contradict each other.  Names the plugins of the circle."""


def in_order(entries: Iterable[Entry[T]]) -> list[Entry[T]]:
    """The entries so that each comes after those it names in ``after`` and before those in
    ``before``; otherwise as they were given.  Names that aren't there don't matter.

    The first is the outermost: it sees an append first.
    """
    left = {entry.name: entry for entry in entries}
    earlier: dict[str, set[str]] = {name: set() for name in left}
    for name, entry in left.items():
        earlier[name].update(other for other in entry.after if other in left)
        for other in entry.before:
            if other in left:
                earlier[other].add(name)
    ordered: list[Entry[T]] = []
    while left:
        ready = next((name for name in left if not earlier[name] & left.keys()), None)
        if ready is None:
            raise OrderError(f"plugins {', '.join(_circle(earlier, left))} each want to be first")
        ordered.append(left.pop(ready))
    return ordered


def _circle(earlier: dict[str, set[str]], left: dict[str, Entry[T]]) -> list[str]:
    """One circle among what is left: follow the wishes until a name comes back."""
    path: list[str] = []
    name = next(iter(left))
    while name not in path:
        path.append(name)
        name = min(earlier[name] & left.keys())
    return path[path.index(name) :]
