"""LMTP as a plugin."""

from __future__ import annotations

from culver.plugin import Connection, ListenerDefault, ProtocolService, Registry, hookimpl
from culver_plugins.lmtp.session import Session
from culver_plugins.lmtp.settings import LdaSettings, LmtpSettings


class LmtpService(ProtocolService):
    """Takes mail from an MTA.  Durable before it says 250."""

    name = "lmtp"
    login_service = "lmtp"
    listeners = (ListenerDefault(name="lmtp", path="lmtp"),)

    async def serve(self, connection: Connection) -> None:
        await Session(self.server, connection).run()


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare the protocol and its settings."""
    registry.settings(LmtpSettings, LdaSettings)
    registry.protocol(LmtpService)
