"""What ends a command of ``culver adm`` at once."""

from __future__ import annotations

from culver.adm.codes import TEMPFAIL


class AdmError(Exception):
    """Printed as ``Fatal: TEXT``; the process ends with ``code`` (see culver.adm.codes)."""

    def __init__(self, text: str, code: int = TEMPFAIL) -> None:
        super().__init__(text)
        self.code = code


class WrongUsage(Exception):
    """The arguments make no sense: the command's usage is printed, the exit code is 64."""
