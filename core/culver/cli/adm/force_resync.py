"""``force-resync MASK ...``: look at the files of mailboxes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.boxes import matching, opened
from culver.adm.command import MailCommand
from culver.adm.option import Option
from culver.errors import CulverError

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser


class ForceResync(MailCommand):
    """Opens each mailbox anew, which repairs what its format finds broken, and rescans it."""

    name = "force-resync"
    usage = "[-f] <mailbox mask>"
    # Formats check their files whenever they open them: -f asks for nothing more.
    options = (Option("fsck", "f"),)

    def prepare(self, call: Call) -> None:
        call.need(1)

    async def run_user(self, call: Call, user: MailUser) -> None:
        for name in await matching(user, call.args):
            try:
                async with opened(user, name) as place:
                    await place.box.status(size=True)
            except CulverError as error:
                call.context.fail(f"Forcing a resync on mailbox {name} failed", error)


COMMAND = ForceResync
