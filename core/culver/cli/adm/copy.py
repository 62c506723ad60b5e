"""``copy DESTINATION [user SOURCE] QUERY``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from culver.adm.boxes import for_matches
from culver.adm.codes import NOUSER
from culver.adm.command import MailCommand
from culver.adm.errors import AdmError
from culver.adm.query.mailboxes import check_removal
from culver.adm.query.parser import parse_query
from culver.adm.users import lookup_fields, open_user
from culver.errors import CulverError

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.adm.query.resolve import Place
    from culver.mail.mailbox import Mailbox
    from culver.mail.uids import UidSet
    from culver.mail.user import MailUser


class Copy(MailCommand):
    """With flags, keywords and dates; each mailbox's messages all or none.

    The source user's files are read as the destination's owner, so both need the same one.
    """

    name = "copy"
    usage = "<destination> [user <source user>] <search query>"
    moves: ClassVar[bool] = False

    def prepare(self, call: Call) -> None:
        call.need(2)
        self.target, *words = call.args
        self.source = ""
        if len(words) > 1 and words[0].lower() == "user":
            if "user" not in call.given and "all-users" not in call.given:
                raise AdmError("Use -u parameter to specify destination user")
            self.source, words = words[1], words[2:]
        if not words:
            call.need(len(call.args) + 1)
        self.query = parse_query(words)
        if self.moves:
            check_removal(self.query.term, self.name)

    async def run_user(self, call: Call, user: MailUser) -> None:
        try:
            target = await user.open(self.target)
        except CulverError as error:
            call.context.fail(f"Can't open mailbox '{self.target}'", error)
            return
        try:
            source = await self._source(call) if self.source else user
            await self._copy(call, source, target)
            if source is not user:
                await source.close()
        finally:
            await target.close()

    async def _source(self, call: Call) -> MailUser:
        found = await lookup_fields(call.context, self.source)
        if found is None:
            raise AdmError(f"Couldn't lookup user {self.source}: User doesn't exist", NOUSER)
        return await open_user(call.context, *found)

    async def _copy(self, call: Call, source: MailUser, target: Mailbox) -> None:
        async def copy(place: Place, uids: UidSet) -> None:
            if uids and self.moves:
                await place.box.move(place.view, uids, target)
            elif uids:
                await place.box.copy(place.view, uids, target)

        await for_matches(call, source, self.query, copy, write=self.moves)


COMMAND = Copy
