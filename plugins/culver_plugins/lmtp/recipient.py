"""A recipient: the address, the user behind it, the detail in it."""

from __future__ import annotations

import msgspec

from culver.plugin import Scope, UserRecord


class Recipient(msgspec.Struct, kw_only=True, frozen=True):
    """Accepted by RCPT TO."""

    address: str
    """As the MTA gave it."""
    user: str
    """Address without detail: what the userdb was asked for."""
    detail: str
    record: UserRecord
    scope: Scope


def split_detail(address: str, delimiters: str) -> tuple[str, str]:
    """``user+detail@domain`` as (``user@domain``, ``detail``).  Any character of ``delimiters``
    parts; one at the very start is part of the user."""
    local, at, domain = address.rpartition("@") if "@" in address else (address, "", "")
    positions = [n for n in (local.find(char, 1) for char in delimiters) if n > 0]
    if not positions:
        return address, ""
    cut = min(positions)
    return f"{local[:cut]}{at}{domain}", local[cut + 1 :]
