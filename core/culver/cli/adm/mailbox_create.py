"""``mailbox create MAILBOX ...``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.boxes import check_names
from culver.adm.codes import USAGE
from culver.adm.command import MailCommand
from culver.adm.errors import AdmError
from culver.adm.option import Option
from culver.errors import CulverError

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser


class MailboxCreate(MailCommand):
    """A trailing separator makes a folder of folders, where the layout has such."""

    name = "mailbox create"
    usage = "[-s] <mailbox> [...]"
    options = (Option("subscriptions", "s"), Option("guid", "g", takes_value=True))

    def prepare(self, call: Call) -> None:
        call.need(1)
        check_names(call.args)
        if "guid" in call.given:
            raise AdmError("-g: the storage formats give GUIDs themselves; leave it out", USAGE)

    async def run_user(self, call: Call, user: MailUser) -> None:
        for name in call.args:
            try:
                await user.create(name)
            except CulverError as error:
                call.context.fail(f"Can't create mailbox {name}", error)
            if "subscriptions" in call.given:
                await subscribe(call, user, name, True)


async def subscribe(call: Call, user: MailUser, name: str, subscribed: bool) -> None:
    """Change a subscription; a failure is told and counted."""
    try:
        await user.subscribe(name, subscribed)
    except CulverError as error:
        what = "subscribe to" if subscribed else "unsubscribe"
        call.context.fail(f"Can't {what} mailbox {name}", error)


COMMAND = MailboxCreate
