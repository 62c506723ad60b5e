"""``mailbox status FIELDS MAILBOX ...``: counts of mailboxes (inventory R10-008)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from culver.adm.boxes import check_names, existing, opened
from culver.adm.codes import USAGE
from culver.adm.command import MailCommand
from culver.adm.errors import AdmError
from culver.adm.option import Option
from culver.errors import CulverError

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser

FIELDS: Final = (
    "messages",
    "recent",
    "uidnext",
    "uidvalidity",
    "unseen",
    "highestmodseq",
    "vsize",
    "guid",
    "firstsaved",
)
"""In the order in which they are printed, whatever the order they are asked in."""
SUMMABLE: Final = ("messages", "recent", "unseen", "vsize")


class MailboxStatus(MailCommand):
    """STATUS of any number of mailboxes, or (``-t``) their sum."""

    name = "mailbox status"
    usage = "[-t] <fields> <mailbox> [...]"
    options = (Option("total-sum", "t"), Option("field", "f", takes_value=True))
    formatter = "flow"

    def prepare(self, call: Call) -> None:
        fields, self.masks = fields_and_rest(call, "field")
        if not self.masks:
            call.need(len(call.args) + 1)
        check_names(self.masks)
        self.total = "total-sum" in call.given
        self.fields = _parse(fields, self.total)
        if not self.total:
            call.printer.header("mailbox", hidden=True)
        for name in self.fields:
            call.printer.header(name)

    async def run_user(self, call: Call, user: MailUser) -> None:
        sums = dict.fromkeys(self.fields, 0)
        for name in await self._mailboxes(user):
            try:
                row = await self._row(user, name)
            except CulverError as error:
                call.context.fail(f"Mailbox {name}: Failed to lookup mailbox status", error)
                continue
            if self.total:
                for field in self.fields:
                    sums[field] += int(row[field])
            else:
                call.printer.row(name, *(row[field] for field in self.fields))
        if self.total:
            call.printer.row(*sums.values())

    async def _mailboxes(self, user: MailUser) -> list[str]:
        from culver.mail.match import matches

        if not any("*" in mask or "%" in mask for mask in self.masks):
            return list(dict.fromkeys(self.masks))
        infos = await existing(user)
        return [info.name for info in infos if matches(self.masks, info.name, info.separator)]

    async def _row(self, user: MailUser, name: str) -> dict[str, str | int]:
        async with opened(user, name) as place:
            status = await place.box.status(size="vsize" in self.fields)
            row: dict[str, str | int] = {
                "messages": status.messages,
                "recent": status.recent,
                "uidnext": status.uid_next,
                "uidvalidity": status.uid_validity,
                "unseen": status.unseen,
                "highestmodseq": status.highest_modseq,
                "vsize": status.size,
                "guid": status.guid,
            }
            if "firstsaved" in self.fields:
                row["firstsaved"] = await place.first_saved()
            return row


def fields_and_rest(call: Call, option: str) -> tuple[list[str], list[str]]:
    """Words of the first argument, or of ``--option`` where that is given; other arguments."""
    if option in call.given:
        return call.given.all(option), call.args
    call.need(1)
    return call.args[0].split(), call.args[1:]


def _parse(words: list[str], total: bool) -> list[str]:
    allowed = SUMMABLE if total else FIELDS
    wanted = {name for word in words for name in (allowed if word == "all" else (word,))}
    if not wanted:
        raise AdmError("No status fields", USAGE)
    for name in sorted(wanted.difference(FIELDS)):
        raise AdmError(f"Unknown status field: {name} (allowed: all {' '.join(FIELDS)})", USAGE)
    for name in sorted(wanted.difference(allowed)):
        raise AdmError(f"Status field {name} can't be used with -t", USAGE)
    return [name for name in FIELDS if name in wanted]


COMMAND = MailboxStatus
