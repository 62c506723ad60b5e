"""What the extra fields of a passdb mean (inventory 3.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from culver.auth.networks import is_allowed
from culver.auth.rename import RENAMING, rename_user
from culver.auth.userdb_fields import set_userdb_field

if TYPE_CHECKING:
    from culver.auth.notes import Notes
    from culver.auth.request import AuthRequest

_Handler = Callable[["AuthRequest", str, str, str, "Notes"], None]


def split_field(text: str) -> tuple[str, str]:
    """``k=v`` to (k, v); a word alone has the value "", which is still true."""
    name, _, value = text.partition("=")
    return name, value


def set_passdb_field(
    request: AuthRequest, name: str, value: str, default_scheme: str, notes: Notes
) -> None:
    """Set one field with all that it implies.

    ``name:protected`` leaves an earlier value alone, ``name:remove`` deletes it.
    ``default_scheme`` is for ``password`` without ``{SCHEME}``.
    """
    if ":" in name:
        if name.endswith(":protected"):
            name = name[:-10]
            if name in request.passdb:
                return
        elif name.endswith(":remove"):
            request.passdb.remove(name[:-7])
            return
    handler = _HANDLERS.get(name)
    if handler is not None:
        handler(request, name, value, default_scheme, notes)
    elif name.startswith("userdb_"):
        _prefetch(request, name, value, default_scheme, notes)
    else:
        request.passdb.set(name, value)


def _password(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    from culver.auth.request import Stored
    from culver.auth.schemes import split_scheme

    if request.stored is not None:
        notes.log(request, "error", "Multiple password values not supported")
        return
    own, rest = ("", value) if name == "password_noscheme" else split_scheme(value)
    request.stored = Stored(own or scheme, rest)


def _rename(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    rename_user(request, name, value, notes)
    request.passdb.set(name, value, hidden=True)


def _login_user(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    request.login_user = value
    request.passdb.set(name, value, hidden=True)


def _allow(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    real = name == "allow_real_nets"
    ip = (request.real_remote_ip if real else "") or request.remote_ip
    if not is_allowed(value, ip, lambda text: notes.log(request, "info", text)):
        what = f"IP {ip} not in allowed networks" if ip else "Remote IP not known"
        notes.log(request, "info", f"{name} check failed: {what}")
        request.failed = True
    request.passdb.set(name, value, hidden=True)


def _fail(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    request.failed = True
    request.passdb.set(name, value, hidden=True)


def _hidden(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    request.passdb.set(name, value, hidden=True)


def _noauthenticate(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    # nopassword keeps the driver from comparing what it was only asked to look up.
    request.passdb.set("nopassword", "")
    request.passdb.set(name, value, hidden=True)


def _nopassword(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    stored = request.stored
    if stored is not None and stored.value and "noauthenticate" not in request.passdb:
        # A password that nobody checks is more likely a mistake than a wish.
        notes.log(request, "error", "nopassword set but password is non-empty")
        return
    request.stored = None
    request.passdb.set(name, value)


def _import(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    prefix = "userdb_" if name == "userdb_userdb_import" else ""
    for text in value.split("\t"):
        if text:
            field, inner = split_field(text)
            set_passdb_field(request, prefix + field, inner, scheme, notes)


def _prefetch(request: AuthRequest, name: str, value: str, scheme: str, notes: Notes) -> None:
    request.prefetched = True
    set_userdb_field(request, name[7:], value, notes)
    request.passdb.set(name, value, hidden=True)


_HANDLERS: Final[dict[str, _Handler]] = {
    "password": _password,
    "password_noscheme": _password,
    **dict.fromkeys(RENAMING, _rename),
    "login_user": _login_user,
    "allow_nets": _allow,
    "allow_real_nets": _allow,
    "fail": _fail,
    "delay_until": _hidden,
    "noauthenticate": _noauthenticate,
    "nopassword": _nopassword,
    "passdb_import": _import,
    "userdb_userdb_import": _import,
}
