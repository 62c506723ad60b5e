"""``fetch FIELDS QUERY``: what messages hold (inventory R10-007)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.boxes import for_matches
from culver.adm.command import MailCommand
from culver.adm.option import Option
from culver.adm.query.parser import parse_query
from culver.cli.adm.mailbox_status import fields_and_rest

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.adm.fetching import Value
    from culver.adm.query.resolve import Place
    from culver.mail.uids import UidSet
    from culver.mail.user import MailUser


class Fetch(MailCommand):
    """Prints fields of the messages that match, in the order of the mailbox."""

    name = "fetch"
    usage = "<fields> <search query>"
    options = (Option("field", takes_value=True),)
    formatter = "pager"

    def prepare(self, call: Call) -> None:
        from culver.adm.fetching import needed, parse_field

        names, query = fields_and_rest(call, "field")
        if not query:
            call.need(len(call.args) + 1)
        self.fields = [parse_field(name.lower()) for name in names]
        for field in self.fields:
            call.printer.header(field.name)
        self.query = parse_query(query)
        self.wanted = needed(self.fields)

    async def run_user(self, call: Call, user: MailUser) -> None:
        async def show(place: Place, uids: UidSet) -> None:
            if uids:
                await self._show(call, user.name, place, uids)

        await for_matches(call, user, self.query, show)

    async def _show(self, call: Call, user: str, place: Place, uids: UidSet) -> None:
        from culver.adm.fetching import Row

        guid = (await place.box.status()).guid
        async for batch in place.box.fetch(place.view, uids, self.wanted):
            seqs = place.view.seqs_of(batch.uids).tolist()
            for at, seq in enumerate(seqs):
                row = Row(user, place, guid, batch, at, seq)
                for field in self.fields:
                    _print(call, field.show(row))


def _print(call: Call, value: Value) -> None:
    if isinstance(value, bytes):
        call.printer.stream(value)
    else:
        call.printer.value(value)


COMMAND = Fetch
