"""``search QUERY``: mailbox GUID and UID of each match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.boxes import for_matches
from culver.adm.command import MailCommand
from culver.adm.query.parser import parse_query

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.adm.query.resolve import Place
    from culver.mail.uids import UidSet
    from culver.mail.user import MailUser


class Search(MailCommand):
    """Prints what other commands can be fed with."""

    name = "search"
    usage = "<search query>"
    formatter = "flow"

    def prepare(self, call: Call) -> None:
        call.need(1)
        call.printer.header("mailbox-guid", hidden=True)
        call.printer.header("uid", hidden=True)
        self.query = parse_query(call.args)

    async def run_user(self, call: Call, user: MailUser) -> None:
        async def show(place: Place, uids: UidSet) -> None:
            guid = (await place.box.status()).guid if uids else ""
            for uid in uids:
                call.printer.row(guid, uid)

        await for_matches(call, user, self.query, show, missing_ok=False)


COMMAND = Search
