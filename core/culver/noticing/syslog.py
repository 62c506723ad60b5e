"""Syslog: the default of `log_path`. One datagram per line to the local daemon, never waiting."""

import os
import socket
from typing import Any, Final

from structlog.typing import EventDict

from culver.noticing.renderers import Renderer
from culver_events.event import Level

PATH: Final = "/dev/log"

# RFC 5424 6.2.1; inventory R15-003: debug, info, warning, err, crit.
_SEVERITIES: Final[dict[Level, int]] = {
    "debug": 7,
    "info": 6,
    "warning": 4,
    "error": 3,
    "fatal": 2,
    "panic": 2,
}
_NAMES: Final = "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp".split()  # noqa: SIM905
FACILITIES: Final[dict[str, int]] = {
    **{name: number for number, name in enumerate(_NAMES)},
    **{f"local{number}": 16 + number for number in range(8)},
}
"""Names of `syslog_facility` (RFC 5424 6.2.1)."""


class SyslogRenderer:
    """Puts `<priority>ident[pid]: ` before another renderer's line, which should have no timestamp:
    the daemon adds its own. Raises ValueError for an unknown facility."""

    def __init__(self, inner: Renderer, facility: str = "mail", ident: str = "dovecot") -> None:
        if facility not in FACILITIES:
            allowed = ", ".join(FACILITIES)
            raise ValueError(f"syslog_facility = {facility}: allowed are {allowed}")
        self._inner = inner
        self._facility = FACILITIES[facility] * 8
        self._ident = ident

    def __call__(self, logger: Any, method_name: str, event_dict: EventDict) -> bytes:
        """One datagram's text."""
        line = self._inner(logger, method_name, event_dict)
        priority = self._facility + _SEVERITIES[event_dict["record"].level]
        return f"<{priority}>{self._ident}[{os.getpid()}]: ".encode() + line


class SyslogTarget:
    """The daemon's datagram socket. A daemon that is away or doesn't read makes `write` raise
    OSError (the bus counts the loss); the next line tries to connect again."""

    def __init__(self, path: str = PATH) -> None:
        self.path = path
        self._socket: socket.socket | None = None

    def write(self, data: bytes) -> int:
        """Send one line."""
        try:
            self._connected().send(data.rstrip(b"\n"))
        except BlockingIOError:
            raise
        except OSError:
            # A restarted daemon has a new socket behind the same path.
            self.close()
            self._connected().send(data.rstrip(b"\n"))
        return len(data)

    def _connected(self) -> socket.socket:
        if self._socket is None:
            fresh = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            fresh.setblocking(False)
            try:
                fresh.connect(self.path)
            except OSError:
                fresh.close()
                raise
            self._socket = fresh
        return self._socket

    def flush(self) -> None:
        """Nothing waits."""

    def reopen(self) -> None:
        """Connect anew with the next line."""
        self.close()

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
