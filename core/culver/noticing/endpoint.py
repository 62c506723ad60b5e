"""The page that Prometheus scrapes: GET /metrics over a stream, spoken with h11."""

from collections.abc import Callable
from typing import Final

import h11
import trio

DEADLINE: Final = 10.0
"""Seconds for one request and its answer, sending included; a scraper that is slower is gone."""
IDLE: Final = 120.0
"""Seconds a kept-alive connection may be silent. Prometheus scrapes every 15 to 60 s."""
_READ: Final = 16 * 1024


class MetricsEndpoint:
    """Serves the page that `page` makes. `content_type` names its format and version."""

    def __init__(self, page: Callable[[], str], content_type: str) -> None:
        self._page = page
        self._content_type = content_type

    async def serve(self, stream: trio.abc.Stream) -> None:
        """Answer requests until the client leaves, errs or idles; the stream is closed then."""
        async with stream:
            connection = h11.Connection(h11.SERVER)
            try:
                while await self._exchange(connection, stream):
                    connection.start_next_cycle()
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return

    async def _exchange(self, connection: h11.Connection, stream: trio.abc.Stream) -> bool:
        """One request and its answer; whether another may follow."""
        with trio.move_on_after(IDLE):
            try:
                request = await _next(connection, stream)
                while isinstance(request, h11.Request) and await self._rest(connection, stream):
                    pass
            except h11.RemoteProtocolError as error:
                await self._refuse(connection, stream, error.error_status_hint)
                return False
            if not isinstance(request, h11.Request):
                return False
            with trio.move_on_after(DEADLINE):
                await self._answer(connection, stream, request)
                return connection.our_state is h11.DONE and connection.their_state is h11.DONE
        return False

    @staticmethod
    async def _rest(connection: h11.Connection, stream: trio.abc.Stream) -> bool:
        """Read over the request's body; whether there is more of it."""
        return isinstance(await _next(connection, stream), h11.Data)

    async def _answer(
        self, connection: h11.Connection, stream: trio.abc.Stream, request: h11.Request
    ) -> None:
        path = request.target.partition(b"?")[0]
        head = request.method == b"HEAD"
        if request.method not in (b"GET", b"HEAD"):
            await self._send(connection, stream, 405, b"", [("Allow", "GET, HEAD")])
        elif path != b"/metrics":
            await self._send(connection, stream, 404, b"See /metrics\n", [], head)
        else:
            kind = [("Content-Type", self._content_type)]
            await self._send(connection, stream, 200, self._page().encode(), kind, head)

    async def _refuse(
        self, connection: h11.Connection, stream: trio.abc.Stream, status: int
    ) -> None:
        if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            with trio.move_on_after(DEADLINE):
                await self._send(connection, stream, status, b"", [("Connection", "close")])

    @staticmethod
    async def _send(
        connection: h11.Connection,
        stream: trio.abc.Stream,
        status: int,
        body: bytes,
        headers: list[tuple[str, str]],
        head: bool = False,
    ) -> None:
        fields = [*headers, ("Content-Length", str(len(body)))]
        # An answer to HEAD has the length of the body and no body; h11 insists.
        data = [h11.Data(data=body)] if not head else []
        parts = (h11.Response(status_code=status, headers=fields), *data, h11.EndOfMessage())
        sent = [connection.send(part) or b"" for part in parts]
        await stream.send_all(b"".join(sent))


async def _next(
    connection: h11.Connection, stream: trio.abc.Stream
) -> h11.Request | h11.Data | h11.EndOfMessage | h11.ConnectionClosed:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(bytes(await stream.receive_some(_READ)))
        elif isinstance(event, h11.Request | h11.Data | h11.EndOfMessage | h11.ConnectionClosed):
            return event
