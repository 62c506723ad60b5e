"""``mailbox delete MAILBOX ...``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.boxes import check_names, opened, separator_of
from culver.adm.command import MailCommand
from culver.adm.option import Option
from culver.cli.adm.mailbox_create import subscribe
from culver.errors import CulverError, Refused

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser


class MailboxDelete(MailCommand):
    """Children first, so that nothing is left in the way of a parent."""

    name = "mailbox delete"
    usage = "[-e] [-r] [-s] [-Z] <mailbox> [...]"
    options = (
        Option("require-empty", "e"),
        Option("subscriptions", "s"),
        Option("recursive", "r"),
        # Dovecot's -Z skips a check of its own that culver does not make.
        Option("unsafe", "Z"),
    )

    def prepare(self, call: Call) -> None:
        call.need(1)
        check_names(call.args)

    async def run_user(self, call: Call, user: MailUser) -> None:
        names = set(call.args)
        if "recursive" in call.given:
            names |= await _children(user, call.args)
        for name in sorted(filter(None, names), reverse=True):
            try:
                if "require-empty" in call.given:
                    await check_empty(user, name)
                await user.delete(name)
            except CulverError as error:
                call.context.fail(f"Can't delete mailbox {name}", error)
            if "subscriptions" in call.given:
                await subscribe(call, user, name, False)


async def _children(user: MailUser, names: list[str]) -> set[str]:
    infos = [info for info in await user.mailboxes() if info.exists]
    below = tuple(name and name + separator_of(user, name) for name in names)
    return {info.name for info in infos if info.name.startswith(below) and info.name != "INBOX"}


async def check_empty(user: MailUser, name: str) -> None:
    """Raise Refused ALREADYEXISTS where there is a message."""
    async with opened(user, name) as place:
        if len(place.view):
            raise Refused("ALREADYEXISTS", "Mailbox isn't empty")


COMMAND = MailboxDelete
