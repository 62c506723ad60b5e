"""What ``flags add``, ``remove`` and ``replace`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal

from culver.adm.boxes import for_matches
from culver.adm.command import MailCommand
from culver.adm.errors import AdmError
from culver.adm.option import Option
from culver.adm.query.parser import parse_query
from culver.cli.adm.mailbox_status import fields_and_rest
from culver.mail import flags
from culver.mail.changes import FlagChange

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.adm.query.resolve import Place
    from culver.mail.uids import UidSet
    from culver.mail.user import MailUser

_SYSTEM: Final = {
    "\\answered": flags.ANSWERED,
    "\\flagged": flags.FLAGGED,
    "\\deleted": flags.DELETED,
    "\\seen": flags.SEEN,
    "\\draft": flags.DRAFT,
}


class FlagsCommand(MailCommand):
    """Changes flags and keywords of the messages that match."""

    usage = "<flags> <search query>"
    options = (Option("flag", takes_value=True),)
    mode: ClassVar[Literal["add", "remove", "replace"]]

    def prepare(self, call: Call) -> None:
        words, query = fields_and_rest(call, "flag")
        if not query:
            call.need(len(call.args) + 1)
        bits, keywords = _parse(words)
        self.change = FlagChange(mode=self.mode, flags=bits, keywords=keywords)
        self.query = parse_query(query)

    async def run_user(self, call: Call, user: MailUser) -> None:
        async def change(place: Place, uids: UidSet) -> None:
            if uids:
                await place.box.store(place.view, uids, self.change)

        await for_matches(call, user, self.query, change, write=True)


def _parse(words: list[str]) -> tuple[int, tuple[str, ...]]:
    bits = 0
    keywords: list[str] = []
    for word in words:
        if not word.startswith("\\"):
            keywords.append(word)
            continue
        if word.lower() not in _SYSTEM:
            allowed = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"
            raise AdmError(f"Invalid system flag: {word} (allowed: {allowed})")
        bits |= _SYSTEM[word.lower()]
    return bits, tuple(keywords)
