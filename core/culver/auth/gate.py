"""Which mechanisms a connection may use as it is now (``disable_plaintext_auth``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from culver.net.connection import Connection


def never(service: str, connection: Connection) -> bool:
    """``disable_plaintext_auth = yes``, the default."""
    return False


class Gate:
    """Passwords cross the wire only where nobody else can read them, or where the admin said
    that it doesn't matter."""

    __slots__ = ("_plaintext_allowed",)

    def __init__(self, plaintext_allowed: Callable[[str, Connection], bool]) -> None:
        self._plaintext_allowed = plaintext_allowed

    def allows(self, service: str, plaintext: bool, connection: Connection) -> bool:
        """Whether a mechanism that is (not) plaintext may be used now."""
        if not plaintext or connection.security:
            return True
        return self._plaintext_allowed(service, connection)
