"""As whom the processes run when the server is started as root."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from culver.config.common.auth import UserdbBlock
from culver.config.common.mail import MailSettings
from culver.config.common.server import ServerSettings
from culver.config.common.service import ServiceBlock
from culver.process.privileges import Identity, UnknownIdentity, group_id, user_id

if TYPE_CHECKING:
    from culver.config.config import Config

_FIELD = r"(?:^|\s){}=([\w.-]+)"


def mail_identity(config: Config) -> Identity:
    """The one uid and gid that all mail belongs to: ``mail_uid``, or what a static userdb gives.

    Raises UnknownIdentity when there is none: mail of many system users needs a process for each
    of them, which this version doesn't start.
    """
    settings = config.get(MailSettings)
    uid = settings.mail_uid or _from_userdbs(config, "uid")
    gid = settings.mail_gid or _from_userdbs(config, "gid")
    if os.geteuid() != 0:
        return Identity()
    if not uid or not gid:
        raise UnknownIdentity(
            "started as root, and the configuration doesn't say whose the mail is: set mail_uid"
            " and mail_gid (or uid= and gid= in a static userdb)"
        )
    return Identity(user_id(uid), group_id(gid))


def _from_userdbs(config: Config, name: str) -> str:
    for block in config.blocks(UserdbBlock):
        for text in (block.override_fields, block.args, block.default_fields):
            found = re.search(_FIELD.format(name), text)
            if found:
                return found[1]
    return ""


def internal_identity(config: Config, service: str) -> Identity:
    """Whoever ``service NAME { user = }`` names, else ``default_internal_user`` if he exists."""
    if os.geteuid() != 0:
        return Identity()
    block = next((b for b in config.blocks(ServiceBlock) if b.name == service), None)
    if block is not None and block.user:
        group = block.group or None
        return Identity(user_id(block.user), None if group is None else group_id(group))
    settings = config.get(ServerSettings)
    try:
        return Identity(
            user_id(settings.default_internal_user), group_id(settings.default_internal_group)
        )
    except UnknownIdentity:
        # A machine where Dovecot was never installed: no such user is no reason not to start.
        return Identity()
