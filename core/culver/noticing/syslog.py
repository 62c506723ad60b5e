"""The system's log: one datagram a line (RFC 3164 in the form that local daemons take)."""

from __future__ import annotations

import contextlib
import socket
import sys
from typing import Final

DEVICE: Final = "/dev/log"

FACILITIES: Final = {
    "kern": 0, "user": 1, "mail": 2, "daemon": 3, "auth": 4, "syslog": 5, "lpr": 6, "news": 7,
    "uucp": 8, "cron": 9, "authpriv": 10, "ftp": 11, **{f"local{n}": 16 + n for n in range(8)},
}  # fmt: skip
LEVELS: Final = {"Debug": 7, "Info": 6, "Warning": 4, "Error": 3, "Fatal": 2, "Panic": 2}


class SyslogTarget:
    """Like :class:`culver.noticing.target.Target`; without a syslog daemon lines go to stderr."""

    path = "syslog"

    def __init__(self, facility: str, device: str = DEVICE) -> None:
        """Raises :exc:`ValueError` for a facility that doesn't exist."""
        if facility not in FACILITIES:
            raise ValueError(f"syslog_facility: {facility!r}; allowed: {', '.join(FACILITIES)}")
        self._facility = FACILITIES[facility] << 3
        self._device = device
        self._socket: socket.socket | None = None

    def write(self, data: bytes) -> int:
        """Send one or more whole lines."""
        for line in data.splitlines():
            self._send(line)
        return len(data)

    def _send(self, line: bytes) -> None:
        level = next((n for word, n in LEVELS.items() if f" {word}: ".encode() in line), 6)
        packet = b"<%d>culver: %b" % (self._facility | level, line)
        try:
            self._connected().send(packet)
        except OSError:
            # The daemon may have been restarted: once more, then to whoever reads stderr.
            self.close()
            try:
                self._connected().send(packet)
            except OSError:
                sys.stderr.buffer.write(line + b"\n")
                sys.stderr.buffer.flush()

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            self._socket.connect(self._device)
        return self._socket

    def flush(self) -> None:
        """Nothing is buffered."""

    def reopen(self) -> None:
        """Connect anew at the next line."""
        self.close()

    def close(self) -> None:
        """Disconnect."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None
