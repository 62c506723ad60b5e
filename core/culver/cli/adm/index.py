"""``index MASK ...``: have everything ready that clients will ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from culver.adm.boxes import matching, opened
from culver.adm.command import MailCommand
from culver.adm.errors import AdmError
from culver.adm.option import Option
from culver.errors import CulverError
from culver.mail.columns import Wanted
from culver.mail.uids import UidSet

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser

_CACHED: Final = ("imap.envelope", "imap.bodystructure")


class Index(MailCommand):
    """Looks at the files of mailboxes, and fills index and cache."""

    name = "index"
    usage = "[-n <max recent>] <mailbox mask>"
    options = (Option("queue", "q"), Option("max-recent", "n", takes_value=True))

    def prepare(self, call: Call) -> None:
        call.need(1)
        self.max_recent = call.given.number("max-recent")
        if "queue" in call.given:
            raise AdmError("-q: this culver has no indexer to queue for; leave it out")

    async def run_user(self, call: Call, user: MailUser) -> None:
        for name in await matching(user, call.args):
            try:
                await self._index(user, name)
            except CulverError as error:
                call.context.fail(f"Mailbox {name}", error)

    async def _index(self, user: MailUser, name: str) -> None:
        async with opened(user, name) as place:
            if self.max_recent and (await place.box.status()).recent > self.max_recent:
                return
            wanted = Wanted(sizes=True, received=True, saved=True, cached=_CACHED)
            async for _ in place.box.fetch(place.view, UidSet(place.view.uids), wanted):
                pass


COMMAND = Index
