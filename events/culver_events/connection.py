"""Connections: accepted from clients, and made to servers."""

from typing import Annotated

from culver_events.event import Event, doc, event

_CLIENT = ("client_connection_common",)
_SERVER = ("server_connection_common",)


@event(version=1, level="debug", groups=_CLIENT)
class ClientConnectionConnected(Event):
    """A connection from a client was accepted. Exactly one `client_connection_disconnected`
    follows."""


@event(version=1, level="debug", groups=_CLIENT)
class ClientConnectionDisconnected(Event):
    """A connection from a client was closed, for whatever reason. Exactly one per connection."""

    net_in_bytes: Annotated[int, doc("Received from the client", unit="bytes")]
    net_out_bytes: Annotated[int, doc("Sent to the client", unit="bytes")]
    reason: Annotated[str, doc("Why it was closed")]


@event(version=1, level="debug", groups=_SERVER)
class ServerConnectionConnected(Event):
    """A connection to another server was made, or failed (then `error` says why)."""

    error: Annotated[str | None, doc("Why there is no connection")] = None


@event(version=1, level="debug", groups=_SERVER)
class ServerConnectionDisconnected(Event):
    """A connection to another server was closed. Exactly one per established connection."""

    reason: Annotated[str, doc("Why it was closed")]
