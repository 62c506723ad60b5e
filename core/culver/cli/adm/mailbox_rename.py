"""``mailbox rename OLD NEW``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.boxes import check_names
from culver.adm.command import MailCommand
from culver.adm.option import Option
from culver.cli.adm.mailbox_create import subscribe
from culver.errors import CulverError

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser


class MailboxRename(MailCommand):
    """Renames with children."""

    name = "mailbox rename"
    usage = "[-s] <old name> <new name>"
    options = (Option("subscriptions", "s"),)

    def prepare(self, call: Call) -> None:
        call.need(2, 2)
        check_names(call.args)

    async def run_user(self, call: Call, user: MailUser) -> None:
        old, new = call.args
        try:
            await user.rename(old, new)
        except CulverError as error:
            call.context.fail(f"Can't rename mailbox {old} to {new}", error)
        if "subscriptions" in call.given:
            await subscribe(call, user, old, False)
            await subscribe(call, user, new, True)


COMMAND = MailboxRename
