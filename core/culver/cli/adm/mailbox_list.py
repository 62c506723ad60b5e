"""``mailbox list [MASK ...]``: names of mailboxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from culver.adm.boxes import check_names
from culver.adm.command import MailCommand
from culver.adm.option import Option

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.mailbox import MailboxInfo
    from culver.mail.user import MailUser


class MailboxList(MailCommand):
    """Names without wildcards are printed as they are given, whether they exist or not."""

    name = "mailbox list"
    usage = "[-7|-8] [-s] [<mailbox mask> [...]]"
    options = (Option("mutf7", "7"), Option("utf8", "8"), Option("subscriptions", "s"))
    formatter = "flow"

    def prepare(self, call: Call) -> None:
        check_names(call.args)
        call.printer.header("mailbox", hidden=True)

    async def run_user(self, call: Call, user: MailUser) -> None:
        from culver.mail.mutf7 import encode

        masks = call.args or ["*"]
        if any("*" in mask or "%" in mask for mask in masks):
            found = _listed(await user.mailboxes(), masks, "subscriptions" in call.given)
        else:
            found = list(dict.fromkeys(masks))
        for name in found:
            call.printer.value(encode(name) if "mutf7" in call.given else name)


def _listed(infos: Sequence[MailboxInfo], masks: list[str], subscribed: bool) -> list[str]:
    from culver.mail.match import matches

    return [
        info.name
        for info in infos
        if (info.subscribed if subscribed else info.exists or info.children)
        and matches(masks, info.name, info.separator)
    ]


COMMAND = MailboxList
