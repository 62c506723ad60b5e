"""Extra fields of a reply: ordered, some hidden from clients, undone when a lookup fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Fields:
    """Named values that passdbs (or userdbs) gave, in the order in which they were first set.

    A chain calls :meth:`keep` after a lookup that succeeded and :meth:`undo` after one that
    failed, so that a failed lookup leaves no traces.  Hidden fields are for the chain itself
    (``allow_nets``, ``user``) and never sent to clients.
    """

    __slots__ = ("_hidden", "_kept", "_values")

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._kept: tuple[dict[str, str], set[str]] | None = None

    def set(self, name: str, value: str, *, hidden: bool = False) -> None:
        """Set or replace; an empty ``name`` is ignored."""
        if not name:
            return
        self._values[name] = value
        if hidden:
            self._hidden.add(name)
        else:
            self._hidden.discard(name)

    def remove(self, name: str) -> None:
        """Forget a field; no error when there is none."""
        self._values.pop(name, None)
        self._hidden.discard(name)

    def get(self, name: str, default: str = "") -> str:
        """Value of a field, hidden ones too."""
        return self._values.get(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def visible(self) -> dict[str, str]:
        """What a client may see, as a fresh dict."""
        if not self._hidden:
            return dict(self._values)
        return {name: value for name, value in self._values.items() if name not in self._hidden}

    def keep(self) -> None:
        """Everything set so far survives a later :meth:`undo`."""
        self._kept = (dict(self._values), set(self._hidden)) if self._values else None

    def undo(self) -> None:
        """Go back to what was there at the last :meth:`keep`."""
        if self._kept is None:
            self._values = {}
            self._hidden = set()
        else:
            self._values, self._hidden = dict(self._kept[0]), set(self._kept[1])
