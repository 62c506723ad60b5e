"""System flags, with the bits of Dovecot's index records (inventory R4-062)."""

from __future__ import annotations

from typing import Final

ANSWERED: Final = 0x01
FLAGGED: Final = 0x02
DELETED: Final = 0x04
SEEN: Final = 0x08
DRAFT: Final = 0x10
RECENT: Final = 0x20
"""Never stored: a session's view adds it to what the session shows."""

STORED_FLAGS: Final = ANSWERED | FLAGGED | DELETED | SEEN | DRAFT
