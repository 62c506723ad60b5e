"""Databases may rename the user: ``user``, ``username``, ``domain`` (inventory R3-038, R3-106)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from culver.auth.notes import Notes
    from culver.auth.request import AuthRequest

RENAMING: Final = frozenset(("user", "username", "domain"))


def renamed(old: str, field: str, value: str) -> str:
    """The user's name after a database returned ``field=value``."""
    if field == "user":
        return value
    local, at, domain = old.partition("@")
    if field == "username":
        return value if "@" in value else f"{value}{at}{domain}"
    return f"{local}@{value}"


def rename_user(request: AuthRequest, field: str, value: str, notes: Notes) -> None:
    """Rename; an empty name fails the login instead."""
    new = renamed(request.user, field, value)
    if not new:
        notes.log(request, "error", "username attempted to be changed to empty")
        request.failed = True
    elif new != request.user:
        request.user = new
        request.user_changed = True
