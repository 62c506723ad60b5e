"""What clients of the auth protocol tell about a request (inventory R3-117), both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from culver.auth.request import AuthRequest

# Names on the wire and in the request.
_TEXTS: Final = {
    "session": "session",
    "lip": "local_ip",
    "rip": "remote_ip",
    "real_lip": "real_local_ip",
    "real_rip": "real_remote_ip",
    "local_name": "local_name",
    "client_id": "client_id",
}
_PORTS: Final = {
    "lport": "local_port",
    "rport": "remote_port",
    "real_lport": "real_local_port",
    "real_rport": "real_remote_port",
}
_FLAGS: Final = {
    "no-penalty": "no_penalty",
    "valid-client-cert": "valid_client_cert",
}


def _set_secured(request: AuthRequest, value: str) -> None:
    request.secured = "tls" if value == "tls" else "secured"


def _set_forward(request: AuthRequest, value: str) -> None:
    for text in value.split("\t"):
        name, _, inner = text.partition("=")
        if name:
            request.passdb.set(f"forward_{name}", inner)
    request.passdb.keep()  # they belong to the client, not to a lookup that may fail


def _set_final(request: AuthRequest, value: str) -> None:
    request.final_response_ok = True


_SETTERS: Final[dict[str, Callable[[AuthRequest, str], None]]] = {
    "secured": _set_secured,
    "forward_fields": _set_forward,
    "final-resp-ok": _set_final,
}


def apply_params(request: AuthRequest, params: Mapping[str, str]) -> None:
    """Take what is known; unknown names are for newer versions and ignored."""
    for name, value in params.items():
        if name in _TEXTS:
            setattr(request, _TEXTS[name], value)
        elif name in _PORTS:
            if value.isascii() and value.isdigit() and int(value) < 65536:
                setattr(request, _PORTS[name], int(value))
        elif name in _FLAGS:
            setattr(request, _FLAGS[name], True)
        elif name in _SETTERS:
            _SETTERS[name](request, value)


def request_params(request: AuthRequest) -> Iterator[str]:
    """The same as words for the wire, ``service`` first."""
    yield f"service={request.service}"
    for wire, attribute in _TEXTS.items():
        value: str = getattr(request, attribute)
        if value:
            yield f"{wire}={value}"
    for wire, attribute in _PORTS.items():
        port: int = getattr(request, attribute)
        if port:
            yield f"{wire}={port}"
    for wire, attribute in _FLAGS.items():
        if getattr(request, attribute):
            yield wire
    if request.secured:
        yield "secured=tls" if request.secured == "tls" else "secured"
    if request.final_response_ok:
        yield "final-resp-ok"
