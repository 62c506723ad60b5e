"""``batch SEP COMMAND [SEP COMMAND ...]``: several mail commands for each user."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from culver.adm.codes import USAGE
from culver.adm.command import MailCommand
from culver.adm.errors import AdmError, WrongUsage
from culver.cli.adm.run import make_call
from culver.cli.adm.table import find

if TYPE_CHECKING:
    from culver.adm.call import Call
    from culver.mail.user import MailUser


class Batch(MailCommand):
    """The user is looked up and opened once; the first command that fails ends his batch."""

    name = "batch"
    usage = "<sep> <cmd1> [<sep> <cmd2> [..]]"
    formatter = "flow"
    ordered = True

    def prepare(self, call: Call) -> None:
        call.need(2)
        separator, *words = call.args
        self.parts: list[tuple[MailCommand, Call]] = []
        for is_end, run in groupby(words, key=lambda word: word == separator):
            if not is_end:
                self.parts.append(_part(call, list(run)))

    async def run_user(self, call: Call, user: MailUser) -> None:
        before = call.context.exit_code
        call.context.exit_code = 0
        for command, part in self.parts:
            await command.run_user(part, user)
            part.printer.finish()
            if call.context.exit_code:
                break
        call.context.failed(before)


def _part(call: Call, words: list[str]) -> tuple[MailCommand, Call]:
    found = find(words, call.context.composition.registry)
    command, count = found or (None, 0)
    if not isinstance(command, MailCommand):
        raise AdmError(f"batch: '{words[0]}' mail command doesn't exist", USAGE)
    try:
        part = make_call(command, words[count:], call.context)
        command.prepare(part)
    except WrongUsage as error:
        raise AdmError(f"batch: {command.name}: {error or 'wrong arguments'}", USAGE) from error
    part.printer.start()
    return command, part


COMMAND = Batch
