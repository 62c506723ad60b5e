"""``expunge QUERY``: remove messages for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.boxes import for_matches
from culver.adm.command import MailCommand
from culver.adm.option import Option
from culver.adm.query.mailboxes import check_removal
from culver.adm.query.parser import parse_query
from culver.cli.adm.mailbox_delete import check_empty
from culver.errors import Refused
from culver.mail.changes import FlagChange
from culver.mail.flags import DELETED

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.adm.query.resolve import Place
    from culver.mail.uids import UidSet
    from culver.mail.user import MailUser


class Expunge(MailCommand):
    """The query has to name mailboxes and, besides, messages: an accident is not asked for."""

    name = "expunge"
    usage = "[-d] <search query>"
    options = (Option("delete-empty-mailbox", "d"),)

    def prepare(self, call: Call) -> None:
        call.need(1)
        self.query = parse_query(call.args)
        check_removal(self.query.term, self.name)

    async def run_user(self, call: Call, user: MailUser) -> None:
        seen: list[str] = []

        async def remove(place: Place, uids: UidSet) -> None:
            await remove_messages(place, uids)
            seen.append(place.box.name)

        await for_matches(call, user, self.query, remove, write=True)
        if "delete-empty-mailbox" in call.given:
            for name in seen:
                await _delete_if_empty(user, name)


async def remove_messages(place: Place, uids: UidSet) -> None:
    """Expunge these, whatever their flags.  Only what is \\Deleted goes: so it is marked first."""
    if uids:
        await place.box.store(place.view, uids, FlagChange(mode="add", flags=DELETED))
        await place.box.expunge(place.view, uids)


async def _delete_if_empty(user: MailUser, name: str) -> None:
    try:
        await check_empty(user, name)
    except Refused as error:
        if error.code == "ALREADYEXISTS":
            return
        raise
    await user.delete(name)
    await user.subscribe(name, False)


COMMAND = Expunge
