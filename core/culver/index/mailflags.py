"""The bits of a record's flags byte, and of the index header's flags."""

from typing import Final

ANSWERED: Final = 0x01
FLAGGED: Final = 0x02
DELETED: Final = 0x04
SEEN: Final = 0x08
DRAFT: Final = 0x10
RECENT: Final = 0x20
"""Never stored since index version 7.1; first_recent_uid of the header says what is recent."""
BACKEND: Final = 0x40
"""Private to the storage format."""
DIRTY: Final = 0x80
"""The flags are newer in the index than in the mailbox's own files."""

SYSTEM_FLAGS: Final = ANSWERED | FLAGGED | DELETED | SEEN | DRAFT
"""What clients see; a change of any other bit does not raise the modseq."""

HEADER_CORRUPTED: Final = 0x0001
HEADER_HAVE_DIRTY: Final = 0x0002
HEADER_FSCKD: Final = 0x0004
