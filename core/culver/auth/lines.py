"""A stream of the auth protocol: lines in, whole lines out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import trio

from culver.auth.protocol import LineBuffer, decode

if TYPE_CHECKING:
    from trio.abc import Stream

_READ_BYTES: Final = 16384
_MAX_PENDING: Final = 4 * 1024 * 1024
_SEND_TIMEOUT: Final = 30.0  # seconds


class LineStream:
    """Reads by one task, writes by many: lines never mix.

    Replies that come up while another is being sent go out together.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = LineBuffer()
        self._pending = bytearray()
        self._sending = False

    async def read(self) -> list[list[str]] | None:
        """Words of the lines that have come (none, when a line is still in parts); None at the
        end.

        Raises :class:`culver.auth.protocol.ProtocolError`.
        """
        try:
            data = await self._stream.receive_some(_READ_BYTES)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return None
        return [decode(line) for line in self._buffer.feed(data)] if data else None

    async def send(self, data: bytes) -> None:
        """Queue lines and see that they are sent.  Raises trio.BrokenResourceError."""
        self._pending += data
        if len(self._pending) > _MAX_PENDING:
            raise trio.BrokenResourceError("the peer sends but doesn't read")
        if self._sending:
            return
        self._sending = True
        try:
            # Half a line would break the connection for everybody else who shares it.
            with trio.move_on_after(_SEND_TIMEOUT, shield=True) as scope:
                await self._flush()
        finally:
            self._sending = False
        if scope.cancelled_caught:
            await self.aclose()
            raise trio.BrokenResourceError("the peer doesn't read")

    async def _flush(self) -> None:
        while self._pending:
            data, self._pending = bytes(self._pending), bytearray()
            await self._stream.send_all(data)

    async def aclose(self) -> None:
        """Close without waiting for anybody."""
        await trio.aclose_forcefully(self._stream)
