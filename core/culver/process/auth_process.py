"""The auth process: where secrets are.  Workers and MTAs ask it over unix sockets."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import trio

from culver.auth.configured import auth_service
from culver.auth.master_server import MasterConnection
from culver.auth.server import ClientConnection
from culver.config.common.server import ServerSettings
from culver.config.common.service import ServiceBlock
from culver.process.sockets import Endpoint
from culver.process.stream_service import Door, serve_doors

if TYPE_CHECKING:
    from culver.auth.service import AuthService
    from culver.composition import Composition
    from culver.config.config import Config

LOGIN_SOCKET = "culver-login"
MASTER_SOCKET = "culver-auth"
"""Names below ``base_dir`` that workers use; others are as ``service auth`` says."""


def auth_endpoints(config: Config) -> Iterator[Endpoint]:
    """Where the auth process listens.

    The role of a configured socket is the word after the last ``-`` of its name: client (also
    when there is none), userdb, login, master (inventory R1-005).
    """
    base = Path(config.get(ServerSettings).base_dir)
    for name, role in ((LOGIN_SOCKET, "login"), (MASTER_SOCKET, "master")):
        yield Endpoint(service=role, name=name, path=str(base / name), mode=0o600)
    for block in config.blocks(ServiceBlock):
        if block.name != "auth":
            continue
        for unix in block.unix_listeners:
            if unix.mode:
                path = str(base / unix.name)
                role = role_of(unix.name)
                yield Endpoint(
                    service=role,
                    name=unix.name,
                    path=path,
                    mode=int(unix.mode),
                    user=unix.user,
                    group=unix.group,
                )
        for inet in block.inet_listeners:
            if inet.port:
                address = inet.address or "127.0.0.1"
                yield Endpoint(
                    service="client", name=inet.name, address=address, port=int(inet.port)
                )


def role_of(name: str) -> str:
    """What a socket of this name is for."""
    word = name.rpartition("/")[2].rpartition("-")[2]
    return word if word in ("userdb", "login", "master") else "client"


def run_auth(
    composition: Composition,
    sockets: list[tuple[Endpoint, socket.socket]],
    ready: Callable[[], None],
    reopen: Callable[[], None],
) -> None:
    """The process's main function."""
    service = auth_service(composition.config, composition.registry, composition.scope)
    doors = [Door(sock, _handler(service, endpoint.service)) for endpoint, sock in sockets]
    trio.run(serve_doors, doors, ready, reopen)


def _handler(service: AuthService, role: str) -> Callable[[trio.SocketStream], Awaitable[None]]:
    async def client(stream: trio.SocketStream) -> None:
        await ClientConnection(service, stream, logins=role == "login").serve()

    async def master(stream: trio.SocketStream) -> None:
        await MasterConnection(service, stream, userdb_only=role == "userdb").serve()

    return master if role in ("master", "userdb") else client
