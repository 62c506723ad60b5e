"""Loopback ports that nobody listens on."""

import socket
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

HOST = "127.0.0.1"
"""The only address that peers are ever started on."""

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def _below_ephemeral() -> range:
    """Ports that the kernel gives to no outgoing connection of its own accord."""
    first = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.exists() else 32768
    return range(max(1024, first - 12000), first)


@contextmanager
def _bound(port: int) -> Generator[None]:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))
        yield


_candidates = iter(_below_ephemeral())


def free_ports(count: int) -> list[int]:
    """`count` different TCP ports of the loopback address that could be bound just now.

    They lie below the ephemeral range: a port out of it may be taken by a client's outgoing
    connection in the time between this call and the server's bind.  A port is handed out once in a
    run; OSError where the range is used up.
    """
    found: list[int] = []
    with ExitStack() as held:
        for port in _candidates:
            try:
                held.enter_context(_bound(port))
            except OSError:
                continue
            found.append(port)
            if len(found) == count:
                return found
    raise OSError(f"no {count} free ports left below the ephemeral range of {HOST}")
