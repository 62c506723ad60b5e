"""What the extra fields of a userdb mean (inventory 3.6)."""

from __future__ import annotations

import grp
import pwd
from typing import TYPE_CHECKING

from culver.auth.rename import RENAMING, rename_user

if TYPE_CHECKING:
    from culver.auth.notes import Notes
    from culver.auth.request import AuthRequest


def set_userdb_field(request: AuthRequest, name: str, value: str, notes: Notes) -> None:
    """Set one field with all that it implies.

    ``uid`` and ``gid`` may be names and become numbers.  ``name:protected`` leaves an earlier
    value alone, ``name:remove`` deletes it.
    """
    if ":" in name:
        if name.endswith(":protected"):
            name = name[:-10]
            if name in request.userdb:
                return
        elif name.endswith(":remove"):
            request.userdb.remove(name[:-7])
            return
    if name in RENAMING:
        rename_user(request, name, value, notes)
    elif name in ("uid", "gid"):
        _set_id(request, name, value, notes)
    elif name == "tempfail":
        request.userdb_tempfail = True
    elif name == "userdb_import":
        for text in value.split("\t"):
            inner, _, rest = text.partition("=")
            set_userdb_field(request, inner, rest, notes)
    elif name == "uidgid_file":
        _set_owner(request, value, notes)
    elif name:
        request.userdb.set("system_groups_user" if name == "system_user" else name, value)


def _set_id(request: AuthRequest, name: str, value: str, notes: Notes) -> None:
    number = user_id(value) if name == "uid" else group_id(value)
    if number is None:
        notes.log(request, "error", f"Invalid {name.upper()} value '{value}'")
        request.userdb_tempfail = True
    else:
        request.userdb.set(name, str(number))


def _set_owner(request: AuthRequest, path: str, notes: Notes) -> None:
    import os

    try:
        info = os.stat(path)
    except OSError as error:
        notes.log(request, "error", f"uidgid_file: stat({path}) failed: {error.strerror}")
        request.userdb_tempfail = True
        return
    request.userdb.set("uid", str(info.st_uid))
    request.userdb.set("gid", str(info.st_gid))


def user_id(text: str) -> int | None:
    """A number, or the uid of a system user; None when there is none."""
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        return pwd.getpwnam(text).pw_uid
    except (KeyError, ValueError):
        return None


def group_id(text: str) -> int | None:
    """A number, or the gid of a system group; None when there is none."""
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        return grp.getgrnam(text).gr_gid
    except (KeyError, ValueError):
        return None
