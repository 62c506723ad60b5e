"""`protocol`, `local`, `local_name` and `remote`: to whom the settings inside apply."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct, structs

from culver.config.section import Section
from culver.config.types import Network, format_network, parse_address, parse_network

FILTERS: Final = frozenset({"protocol", "local", "local_name", "remote"})

# Which filters may not stand around which (2.3 wants local > local_name > remote > protocol).
_MAY_NOT_HOLD: Final = {
    "protocol": ("protocol",),
    "remote": ("protocol",),
    "local_name": ("remote", "protocol"),
    "local": ("remote", "protocol", "local_name"),
}


class Filter(Struct, frozen=True):
    """A condition, or the connection that is asked about (then the networks are one address)."""

    protocol: str | None = None
    local_name: str | None = None
    local: Network | None = None
    remote: Network | None = None

    @property
    def specificity(self) -> tuple[bool, int, int, bool]:
        """The larger, the later it is applied, and the more it wins."""
        return (
            self.local_name is not None,
            _bits(self.local),
            _bits(self.remote),
            self.protocol is not None,
        )

    def matches(self, query: "Filter") -> bool:
        """Whether the settings apply to a connection."""
        return (
            _protocol_matches(self.protocol, query.protocol)
            and _name_matches(self.local_name, query.local_name)
            and _network_matches(self.local, query.local)
            and _network_matches(self.remote, query.remote)
        )

    def is_within(self, other: "Filter") -> bool:
        """Whether it says no more than `other`, given that both apply to the same connection."""
        return not (
            _bits(self.local) > _bits(other.local)
            or _bits(self.remote) > _bits(other.remote)
            or (self.local_name is not None and other.local_name is None)
            or (self.protocol is not None and other.protocol is None)
        )

    def headers(self) -> list[str]:
        """The sections that make it, outermost first, as `culver config` prints them."""
        found = [f"local {format_network(self.local)}"] if self.local else []
        found += [f"local_name {self.local_name}"] if self.local_name is not None else []
        found += [f"remote {format_network(self.remote)}"] if self.remote else []
        found += [f"protocol {self.protocol}"] if self.protocol is not None else []
        return found


class Layer(Struct):
    """The settings of one filter; the first layer of a configuration has an empty filter."""

    filter: Filter
    root: Section


def nested(
    outer: Filter, kind: str, value: str, resolve: Callable[[str], str]
) -> tuple[Filter, str]:
    """The filter inside `outer` that a section makes, and what is wrong with it or ""."""
    for around in _MAY_NOT_HOLD[kind]:
        if getattr(outer, around) is not None:
            return outer, _order_error(around, kind)
    if kind in ("protocol", "local_name"):
        return structs.replace(outer, **{kind: value}), ""
    try:
        network = _resolved(value, resolve)
    except (ValueError, OSError) as error:
        return outer, str(error)
    around_network: Network | None = getattr(outer, kind)
    if around_network is not None and not _network_matches(around_network, network):
        return outer, f"{kind} net1 {{ {kind} net2 {{ .. }} }} requires net2 to be inside net1"
    return structs.replace(outer, **{kind: network}), ""


def query(
    protocol: str | None = None,
    local_name: str | None = None,
    local_ip: str | None = None,
    remote_ip: str | None = None,
) -> Filter:
    """The filter of a connection. Text that is no address counts as no address."""
    return Filter(protocol, local_name, _host(local_ip), _host(remote_ip))


def _host(text: str | None) -> Network | None:
    address = parse_address(text) if text else None
    return None if address is None else parse_network(str(address))


def _order_error(around: str, kind: str) -> str:
    if around == kind:
        return f"Nested {around} {{ {kind} {{ .. }} }} block not allowed"
    return (
        f"{around} {{ {kind} {{ .. }} }} not allowed (use {kind} {{ {around} {{ .. }} }} instead)"
    )


def _resolved(text: str, resolve: Callable[[str], str]) -> Network:
    """A network, its host name looked up if it is one."""
    host, slash, mask = text.partition("/")
    if not host:
        raise ValueError(f"Invalid IP address or network: {text}")
    if parse_address(host) is None:
        host = resolve(host)
    return parse_network(host + slash + mask)


def _bits(network: Network | None) -> int:
    return 0 if network is None else network.prefixlen


def _protocol_matches(mask: str | None, protocol: str | None) -> bool:
    if mask is None:
        return True
    if protocol is None:
        return False
    return protocol != mask[1:] if mask.startswith("!") else protocol == mask


def _name_matches(mask: str | None, name: str | None) -> bool:
    """Several names may be parted by spaces; `*.example.org` stands for one label."""
    if mask is None:
        return True
    if name is None:
        return False
    name = name.lower()
    return any(_one_name_matches(one, name) for one in mask.lower().split(" "))


def _one_name_matches(mask: str, name: str) -> bool:
    if not mask.startswith("*."):
        return mask == name
    _, dot, parent = name.partition(".")
    return bool(dot) and parent == mask[2:]


def _network_matches(mask: Network | None, network: Network | None) -> bool:
    if mask is None or not mask.prefixlen:
        return True
    if network is None or network.version != mask.version:
        return False
    return network.prefixlen >= mask.prefixlen and network.network_address in mask
