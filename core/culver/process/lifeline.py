"""End with the master: a worker that outlived it would take clients from the next one.

The ports can be bound a second time (SO_REUSEPORT), so a new master starts beside old workers and
the kernel goes on handing them connections.  Hence SIGKILL: a crash ends everything at once.  What
was acknowledged is on disk.
"""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Final

PR_SET_PDEATHSIG: Final = 1


def end_with(master: int) -> None:
    """Ask the kernel for SIGKILL when the process ``master``, our parent, ends (prctl(2)).

    Call it again after a change of credentials, which takes the wish back.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl(PR_SET_PDEATHSIG): {os.strerror(code)}")
    if os.getppid() != master:
        # It died before we asked.
        os.kill(os.getpid(), signal.SIGKILL)
