"""Where the configured protocols listen."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from culver.config.common.server import ServerSettings
from culver.config.common.service import (
    InetListenerBlock,
    ServiceBlock,
    UnixListenerBlock,
)
from culver.config.common.ssl import SslSettings
from culver.config.types import Octal, Port
from culver.process.sockets import Endpoint

if TYPE_CHECKING:
    from culver.config.config import Config
    from culver.registry import Registry
    from culver.service import ProtocolService


def default_services(registry: Registry) -> list[ServiceBlock]:
    """The ``service`` blocks that exist without being written: those of the plugins' protocols."""
    return [_default(entry.value) for entry in registry.protocols]


def _default(cls: type[ProtocolService]) -> ServiceBlock:
    inet = tuple(
        InetListenerBlock(name=each.name, port=Port(each.port), ssl=each.ssl)
        for each in cls.listeners
        if not each.path
    )
    unix = tuple(
        UnixListenerBlock(name=each.path, mode=Octal(each.mode))
        for each in cls.listeners
        if each.path
    )
    return ServiceBlock(
        name=cls.login_service, protocol=cls.name, inet_listeners=inet, unix_listeners=unix
    )


def endpoints(config: Config, registry: Registry) -> list[Endpoint]:
    """All endpoints of the protocols that ``protocols`` names and a plugin provides."""
    blocks = {block.name: block for block in config.blocks(ServiceBlock)}
    found: list[Endpoint] = []
    for word in config.get(ServerSettings).protocols:
        cls = registry.protocols.find(word)
        if cls is not None:
            found += _of_service(config, cls, blocks.get(cls.login_service) or _default(cls))
    return list(dict.fromkeys(found))


def _of_service(
    config: Config, cls: type[ProtocolService], block: ServiceBlock
) -> Iterator[Endpoint]:
    with_tls = config.get(SslSettings, protocol=cls.name).ssl != "no"
    for inet in block.inet_listeners:
        if inet.port and (with_tls or not inet.ssl):
            for address in _addresses(config, inet):
                yield Endpoint(
                    service=cls.name,
                    name=inet.name,
                    address=address,
                    port=int(inet.port),
                    ssl=inet.ssl,
                )
    base = Path(config.get(ServerSettings).base_dir)
    for unix in block.unix_listeners:
        if unix.mode:
            yield Endpoint(
                service=cls.name,
                name=unix.name,
                path=str(base / unix.name),
                mode=int(unix.mode),
                user=unix.user,
                group=unix.group,
            )


def _addresses(config: Config, inet: InetListenerBlock) -> list[str]:
    words = inet.address.split() or list(config.get(ServerSettings).listen)
    names = {"*": "0.0.0.0", "::": "::", "[::]": "::"}
    found = [names.get(word, word.strip("[]")) for word in words]
    if "::" in found and "0.0.0.0" in found and not _has_ipv6():
        found.remove("::")  # "*, ::" means: on everything that this machine has
    return found


def _has_ipv6() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
