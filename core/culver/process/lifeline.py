"""End with the master: a worker that outlived it would hold the ports against the next one."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Final

PR_SET_PDEATHSIG: Final = 1


def end_with(master: int) -> None:
    """Ask the kernel for SIGTERM when the process ``master``, our parent, ends (prctl(2)).

    Call it again after a change of credentials, which takes the wish back.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl(PR_SET_PDEATHSIG): {os.strerror(code)}")
    if os.getppid() != master:
        # It died before we asked.
        os.kill(os.getpid(), signal.SIGTERM)
