"""``deduplicate QUERY``: of messages that are the same keep the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from culver.adm.boxes import for_matches
from culver.adm.command import MailCommand
from culver.adm.option import Option
from culver.adm.query.parser import parse_query
from culver.cli.adm.expunge import remove_messages
from culver.mail.columns import Wanted
from culver.mail.uids import UidSet
from culver.mime.headers import field_value

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.adm.query.resolve import Place
    from culver.mail.user import MailUser


class Deduplicate(MailCommand):
    """The same are those of one mailbox with the same GUID, or (``-m``) Message-ID."""

    name = "deduplicate"
    usage = "[-m] <search query>"
    options = (Option("by-msgid", "m"),)

    def prepare(self, call: Call) -> None:
        call.need(1)
        self.query = parse_query(call.args)

    async def run_user(self, call: Call, user: MailUser) -> None:
        by_id = "by-msgid" in call.given

        async def remove(place: Place, uids: UidSet) -> None:
            await remove_messages(place, await _repeated(place, uids, by_id))

        await for_matches(call, user, self.query, remove, write=True)


async def _repeated(place: Place, uids: UidSet, by_id: bool) -> UidSet:
    seen: set[Any] = set()
    found = UidSet()
    wanted = Wanted(cached=("hdr.message-id",)) if by_id else Wanted(guids=True)
    async for batch in place.box.fetch(place.view, uids, wanted):
        keys: list[Any] = batch.guids
        if by_id:
            keys = [_message_id(fields) for fields in batch.cached["hdr.message-id"]]
        for uid, key in zip(batch.uids.tolist(), keys, strict=True):
            if key and key in seen:
                found.add(uid)
            seen.add(key)
    return found


def _message_id(fields: bytes) -> bytes:
    """The value of the first of the fields; empty without one."""
    return field_value(fields.partition(b":")[2]) if fields else b""


COMMAND = Deduplicate
