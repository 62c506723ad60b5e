"""DEFLATE over a connection (RFC 4978): what is read and sent once COMPRESS is agreed."""

from __future__ import annotations

import zlib
from typing import Final

from culver.plugin import Connection

AT_ONCE: Final = 64 * 1024
"""Octets that are inflated at a time: a few that grow to gigabytes must not fill the memory."""


class Deflate:
    """Both directions of one connection."""

    __slots__ = ("_inflate", "_more", "_out", "_waiting")

    def __init__(self, level: int, received: bytes = b"") -> None:
        """``received`` came behind the command and is compressed already."""
        # RFC 4978 3: raw deflate, without zlib's header.
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._out = zlib.compressobj(level, wbits=-zlib.MAX_WBITS)
        self._waiting = received
        self._more = False
        """The last piece was as large as it may be, so zlib may hold back some."""

    async def receive(
        self,
        connection: Connection,
        timeout: float,  # noqa: ASYNC109 - as Connection.receive
    ) -> bytes:
        """As :meth:`Connection.receive`; what is no deflate stream ends the connection."""
        while True:
            if not self._waiting and not self._more:
                self._waiting = bytes(await connection.receive(timeout))
                if not self._waiting:
                    return b""
            try:
                piece = self._inflate.decompress(self._waiting, AT_ONCE)
            except zlib.error:
                return b""
            self._waiting = self._inflate.unconsumed_tail
            self._more = len(piece) == AT_ONCE
            if piece or self._inflate.eof:
                return piece

    async def send(self, connection: Connection, data: bytes) -> None:
        """Send it so that the client can read all of it now."""
        packed = self._out.compress(data)
        await connection.send(packed + self._out.flush(zlib.Z_SYNC_FLUSH))
