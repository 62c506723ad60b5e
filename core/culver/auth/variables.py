"""What %variables mean in authentication settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from culver.auth.request import AuthRequest

Getter = Callable[["AuthRequest"], str]


class Template(Protocol):
    """A text with %variables, compiled."""

    def expand(self, values: Mapping[str, str], /) -> str:
        """The text with the values filled in.  Raises ValueError for unknown variables."""
        ...


def _domain(address: str) -> str:
    return address.partition("@")[2]


def _local(address: str) -> str:
    return address.partition("@")[0]


def _auth_user(request: AuthRequest) -> str:
    return request.master_user or _original(request)


def _original(request: AuthRequest) -> str:
    return request.original_user or request.user


def _security(request: AuthRequest) -> str:
    return "TLS" if request.secured == "tls" else request.secured


# Each in its forms: an address as a whole, before its first @, after its first @.
_USERS: Final[dict[str, Getter]] = {
    "": lambda r: r.user,
    "login_": lambda r: r.login_user,
    "orig_": _original,
    "original_": _original,
    "auth_": _auth_user,
}


def _user_getters(getter: Getter, prefix: str) -> dict[str, Getter]:
    return {
        f"{prefix}user": getter,
        f"{prefix}username": lambda r: _local(getter(r)),
        f"{prefix}domain": lambda r: _domain(getter(r)),
    }


_OTHERS: Final[dict[str, Getter]] = {
    "service": lambda r: r.service,
    "protocol": lambda r: r.service,
    "home": lambda _: "",
    "lip": lambda r: r.local_ip,
    "rip": lambda r: r.remote_ip,
    "local_ip": lambda r: r.local_ip,
    "remote_ip": lambda r: r.remote_ip,
    "real_lip": lambda r: r.real_local_ip or r.local_ip,
    "real_rip": lambda r: r.real_remote_ip or r.remote_ip,
    "real_local_ip": lambda r: r.real_local_ip or r.local_ip,
    "real_remote_ip": lambda r: r.real_remote_ip or r.remote_ip,
    "lport": lambda r: str(r.local_port),
    "rport": lambda r: str(r.remote_port),
    "local_port": lambda r: str(r.local_port),
    "remote_port": lambda r: str(r.remote_port),
    "real_lport": lambda r: str(r.real_local_port or r.local_port),
    "real_rport": lambda r: str(r.real_remote_port or r.remote_port),
    "real_local_port": lambda r: str(r.real_local_port or r.local_port),
    "real_remote_port": lambda r: str(r.real_remote_port or r.remote_port),
    "pid": lambda r: str(r.client_pid),
    "session_pid": lambda r: str(r.session_pid or ""),
    "password": lambda r: r.password,
    "mech": lambda r: r.mechanism,
    "mechanism": lambda r: r.mechanism,
    "secured": _security,
    "cert": lambda r: "valid" if r.valid_client_cert else "",
    "session": lambda r: r.session,
    "local_name": lambda r: r.local_name,
    "client_id": lambda r: r.client_id,
    "master_user": lambda r: r.master_user,
    "domain_first": lambda r: _local(_domain(r.user)),
    "domain_last": lambda r: r.user.rpartition("@")[2] if "@" in r.user else "",
    "!": lambda r: r.database_id,
}

# The one-letter forms (inventory R2-034).
LETTERS: Final[dict[str, str]] = {
    "u": "user",
    "n": "username",
    "d": "domain",
    "s": "service",
    "h": "home",
    "l": "lip",
    "r": "rip",
    "p": "pid",
    "w": "password",
    "m": "mech",
    "c": "secured",
    "a": "lport",
    "b": "rport",
    "k": "cert",
}


def _all_getters() -> dict[str, Getter]:
    getters = dict(_OTHERS)
    for prefix, getter in _USERS.items():
        getters |= _user_getters(getter, prefix)
    return getters | {letter: getters[name] for letter, name in LETTERS.items()}


GETTERS: Final = _all_getters()


class RequestVariables(Mapping[str, str]):
    """A request seen as variables; ``passdb:FIELD[:DEFAULT]`` and ``userdb:...`` read fields."""

    __slots__ = ("_request",)

    def __init__(self, request: AuthRequest) -> None:
        self._request = request

    def __getitem__(self, name: str) -> str:
        getter = GETTERS.get(name)
        if getter is not None:
            return getter(self._request)
        source, colon, rest = name.partition(":")
        if not colon or source not in ("passdb", "userdb"):
            raise KeyError(name)
        field, _, default = rest.partition(":")
        fields = self._request.passdb if source == "passdb" else self._request.userdb
        return fields.get(field, default)

    def __iter__(self) -> Iterator[str]:
        return iter(GETTERS)

    def __len__(self) -> int:
        return len(GETTERS)
