"""``import LOCATION PARENT QUERY``: copy mail from another place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.boxes import for_matches, namespace_of
from culver.adm.command import MailCommand
from culver.adm.option import Option
from culver.adm.query.parser import parse_query
from culver.adm.source import source_user
from culver.cli.adm.mailbox_create import subscribe
from culver.errors import Refused

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.adm.query.resolve import Place
    from culver.mail.uids import UidSet
    from culver.mail.user import MailUser


class Import(MailCommand):
    """Mailboxes are created below the parent (empty: at the top) with the names they have.

    What was imported before is imported again: messages are not compared.
    """

    name = "import"
    usage = "[-U source-user] [-s] <source mail location> <dest parent mailbox> <search query>"
    options = (Option("source-user", "U", takes_value=True), Option("subscribe", "s"))

    def prepare(self, call: Call) -> None:
        call.need(3)
        self.location, self.parent, *words = call.args
        self.query = parse_query(words)

    async def run_user(self, call: Call, user: MailUser) -> None:
        name = call.given.get("source-user")
        source = await source_user(call.context, self.location, user, name)

        async def copy(place: Place, uids: UidSet) -> None:
            if not uids:
                return
            target_name = self._target(user, place.box.name, place.separator)
            await _create(user, target_name)
            if "subscribe" in call.given:
                await subscribe(call, user, target_name, True)
            target = await user.open(target_name)
            try:
                await place.box.copy(place.view, uids, target)
            finally:
                await target.close()

        await for_matches(call, source, self.query, copy)

    def _target(self, user: MailUser, name: str, separator: str) -> str:
        namespace = namespace_of(user, self.parent or name)
        name = name.replace(separator, namespace.separator)
        return f"{self.parent}{namespace.separator}{name}" if self.parent else name


async def _create(user: MailUser, name: str) -> None:
    try:
        await user.create(name)
    except Refused as error:
        if error.code != "ALREADYEXISTS":
            raise


COMMAND = Import
