"""``default_fields``, ``override_fields`` and static args: ``k=v k2=%u`` (inventory R3-002)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from culver.auth.request import AuthRequest
    from culver.auth.variables import Template


class FieldTemplate:
    """Fields whose values may hold %variables.

    Raises ValueError for a field without a name, and what ``compile`` raises.
    """

    __slots__ = ("_fields",)

    def __init__(self, text: str, compile: Callable[[str], Template]) -> None:
        self._fields: list[tuple[str, str | Template]] = []
        for item in text.split(" "):
            if not item:
                continue
            name, _, value = item.partition("=")
            if not name:
                raise ValueError(f"found {item!r} in {text!r}; allowed: NAME=VALUE NAME2=VALUE2")
            self._fields.append((name, compile(value) if "%" in value else value))

    def __bool__(self) -> bool:
        return bool(self._fields)

    def take(self, name: str) -> str | Template | None:
        """Remove a field; None when there was none."""
        for index, (field, value) in enumerate(self._fields):
            if field == name:
                del self._fields[index]
                return value
        return None

    def expand(self, request: AuthRequest) -> Iterator[tuple[str, str]]:
        """Each field; later ones see what earlier ones changed in the request."""
        for name, value in self._fields:
            if isinstance(value, str):
                yield name, value
            else:
                yield name, value.expand(request.variables)
