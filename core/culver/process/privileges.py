"""Give up root, for good."""

from __future__ import annotations

import grp
import os
import pwd

import msgspec


class Identity(msgspec.Struct, frozen=True):
    """Who a process runs as; None leaves it as it is."""

    uid: int | None = None
    gid: int | None = None


class UnknownIdentity(Exception):
    """A user or group of the configuration doesn't exist."""


def user_id(name: str) -> int:
    """A uid by number or name."""
    if name.isdigit():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise UnknownIdentity(f"no such system user: {name}") from None


def group_id(name: str) -> int:
    """A gid by number or name."""
    if name.isdigit():
        return int(name)
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise UnknownIdentity(f"no such system group: {name}") from None


def drop(identity: Identity) -> None:
    """Become the identity, with no way back.  Does nothing unless we are root."""
    if os.geteuid() != 0:
        return
    if identity.gid is not None:
        os.setgroups([identity.gid])
        os.setresgid(identity.gid, identity.gid, identity.gid)
    if identity.uid is not None:
        os.setresuid(identity.uid, identity.uid, identity.uid)
