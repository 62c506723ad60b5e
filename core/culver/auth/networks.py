"""``allow_nets``: from where a user may log in (inventory R3-040)."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_SEPARATORS: Final = re.compile(r"[, ]+")


@lru_cache(maxsize=1024)
def _network(text: str) -> Network | None:
    address, slash, bits = text.partition("/")
    if address.startswith("["):
        address = address.strip("[]")
    try:
        # Host bits may be set: 10.1.2.3/8 is 10.0.0.0/8.
        return ipaddress.ip_network(f"{address}{slash}{bits}", strict=False)
    except ValueError:
        return None


def is_allowed(networks: str, remote_ip: str, complain: Callable[[str], None]) -> bool:
    """Whether an address is in a comma or space separated list of networks.

    ``local`` matches connections without an address.  An entry that is no network matches
    nothing and is complained about.
    """
    ip = _address(remote_ip)
    for text in _SEPARATORS.split(networks.strip(", ")):
        if text == "local":
            if ip is None:
                return True
            continue
        network = _network(text)
        if network is None:
            complain(f"allow_nets: Invalid network '{text}'")
        elif ip is not None and ip in network:
            return True
    return False


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A dual-stack listener shows IPv4 clients as ::ffff:a.b.c.d.
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip
