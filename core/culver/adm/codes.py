"""Exit codes of ``culver adm``: sysexits.h, as doveadm(1) uses them (inventory 10.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from culver.errors import Code, CulverError

USAGE: Final = 64
DATAERR: Final = 65
"""Not possible: it exists already, or the name or the data can't be."""
NOUSER: Final = 67
NOTFOUND: Final = 68
"""EX_NOHOST, which doveadm uses for mailboxes that don't exist."""
CANTCREAT: Final = 73
"""Over quota."""
TEMPFAIL: Final = 75
NOPERM: Final = 77
CONFIG: Final = 89
"""The configuration can't be used: what doveconf says too."""

_OF_CODE: Final[dict[Code, int]] = {
    "ALREADYEXISTS": DATAERR,
    "AUTHORIZATIONFAILED": NOPERM,
    "CANNOT": DATAERR,
    "CLIENTBUG": USAGE,
    "EXPUNGEISSUED": TEMPFAIL,
    "INUSE": DATAERR,
    "LIMIT": DATAERR,
    "NONEXISTENT": NOTFOUND,
    "NOPERM": NOPERM,
    "OVERQUOTA": CANTCREAT,
    "TOOBIG": DATAERR,
}


def code_of(error: CulverError) -> int:
    """The exit code for a request that failed; what may work later is TEMPFAIL."""
    return _OF_CODE.get(error.code, TEMPFAIL)


def merged(first: int, second: int) -> int:
    """The code of two failures: TEMPFAIL wins, else whatever happened first."""
    return second if first == 0 or second == TEMPFAIL else first
