"""The protocols that a process serves, and on what terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from culver.config.common.login import LoginSettings
from culver.net.session import Terms
from culver.net.tls import TlsContexts

if TYPE_CHECKING:
    from culver.process.sockets import Endpoint
    from culver.service import ProtocolService, Server


def make_services(server: Server, names: Iterable[str]) -> dict[str, ProtocolService]:
    """One instance of each protocol, by name."""
    found: dict[str, ProtocolService] = {}
    for name in dict.fromkeys(names):
        cls = server.registry.protocols.find(name)
        assert cls is not None, f"an endpoint of unknown protocol {name}"
        found[name] = cls(server)
    return found


def terms_of(server: Server, services: dict[str, ProtocolService]) -> Callable[[Endpoint], Terms]:
    """How clients of an endpoint are served.  Raises BadCertificate, now and not at a login."""
    contexts = TlsContexts(server.config)
    contexts.check()
    networks = server.config.get(LoginSettings).login_trusted_networks

    def trusted(local_ip: str, remote_ip: str) -> bool:
        return local_ip == remote_ip or networks.has(remote_ip)

    def terms(endpoint: Endpoint) -> Terms:
        return Terms(
            service=services[endpoint.service],
            tls_first=endpoint.ssl,
            tls_context=contexts.choose(endpoint.service),
            trusted=trusted,
        )

    return terms
