"""``mailbox unsubscribe MAILBOX ...``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.boxes import check_names
from culver.adm.command import MailCommand
from culver.cli.adm.mailbox_create import subscribe

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser


class MailboxUnsubscribe(MailCommand):
    """Takes names off the subscriptions."""

    name = "mailbox unsubscribe"
    usage = "<mailbox> [...]"

    def prepare(self, call: Call) -> None:
        call.need(1)
        check_names(call.args)

    async def run_user(self, call: Call, user: MailUser) -> None:
        for name in call.args:
            await subscribe(call, user, name, False)


COMMAND = MailboxUnsubscribe
