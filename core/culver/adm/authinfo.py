"""``-x name=value``: what the auth commands say of a connection that there is not."""

from __future__ import annotations

from collections.abc import Sequence

from culver.adm.errors import AdmError
from culver.adm.users import SERVICE
from culver.auth.request import AuthRequest

_TEXTS = {
    "service": "service",
    "session": "session",
    "local_name": "local_name",
    "lip": "local_ip",
    "rip": "remote_ip",
    "real_lip": "real_local_ip",
    "real_rip": "real_remote_ip",
}
_PORTS = {
    "lport": "local_port",
    "rport": "remote_port",
    "real_lport": "real_local_port",
    "real_rport": "real_remote_port",
}


def make_request(words: Sequence[str]) -> AuthRequest:
    """A request of the service ``doveadm`` with these changes.

    Raises AdmError for a bad port; names that nobody knows are left out, as an auth server does.
    """
    request = AuthRequest(service=SERVICE, secured="secured")
    for word in words:
        name, _, value = word.partition("=")
        if name in _TEXTS:
            setattr(request, _TEXTS[name], value)
        elif name in _PORTS:
            if not (value.isascii() and value.isdigit() and int(value) < 65536):
                raise AdmError(f"{name}: Invalid port number: {value}")
            setattr(request, _PORTS[name], int(value))
    return request
