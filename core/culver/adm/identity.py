"""As whom a user's files are touched when the administrator is root."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING

from culver.config.common.mail import MailSettings
from culver.errors import Unavailable
from culver.process.privileges import Identity, UnknownIdentity, group_id, user_id

if TYPE_CHECKING:
    from culver.config.config import Config


def owner_of(fields: Mapping[str, str], config: Config) -> Identity:
    """Whose the user's mail is: what the userdb says, else ``mail_uid`` and ``mail_gid``.

    Raises Unavailable when nobody says it, for root, and outside ``first_valid_uid`` and so on.
    """
    settings = config.get(MailSettings)
    try:
        uid = user_id(_required(fields.get("uid") or settings.mail_uid, "UID", "mail_uid"))
        gid = group_id(_required(fields.get("gid") or settings.mail_gid, "GID", "mail_gid"))
    except UnknownIdentity as error:
        raise _refused(str(error)) from error
    if uid == 0:
        raise _refused("Couldn't drop privileges: Mail access not allowed for root")
    _check("UID", uid, settings.first_valid_uid, settings.last_valid_uid)
    _check("GID", gid, settings.first_valid_gid, settings.last_valid_gid)
    return Identity(uid, gid)


def _required(value: str, what: str, setting: str) -> str:
    if not value:
        raise _refused(f"Couldn't drop privileges: User is missing {what} (see {setting} setting)")
    return value


def _check(what: str, number: int, first: int, last: int) -> None:
    if number < first or (last and number > last):
        names = f"first_valid_{what.lower()} and last_valid_{what.lower()}"
        raise _refused(f"Mail access for users with {what} {number} not permitted (see {names})")


def _refused(text: str) -> Unavailable:
    return Unavailable("CONTACTADMIN", "Internal error in the mail setup", text)


@contextlib.contextmanager
def acting_as(fields: Mapping[str, str], config: Config) -> Generator[None]:
    """Be the owner of the user's mail meanwhile; nothing changes unless we are root.

    The identity is the whole process's, threads included: one user at a time.
    """
    if os.geteuid() != 0:
        yield
        return
    owner = owner_of(fields, config)
    assert owner.uid is not None, "owner_of gives both"
    assert owner.gid is not None, "owner_of gives both"
    before = os.getgroups(), os.getegid()
    os.setgroups([owner.gid])
    os.setegid(owner.gid)
    os.seteuid(owner.uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before[1])
        os.setgroups(before[0])
