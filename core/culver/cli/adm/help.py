"""``help [COMMAND]``: how to call a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.adm.codes import USAGE
from culver.adm.command import AdmCommand
from culver.cli.adm import usage_of
from culver.cli.adm.table import find

if TYPE_CHECKING:
    from culver.adm.call import Call


class Help(AdmCommand):
    """Prints the usage and what the command does."""

    name = "help"
    usage = "[<command>]"
    configured = False

    def run(self, call: Call) -> None:
        from culver.cli.adm.run import print_commands

        found = find(call.args)
        if found is None:
            call.context.failed(print_commands(" ".join(call.args)) if call.args else USAGE)
            if not call.args:
                print_commands("")
            return
        print(usage_of(found[0]))
        print((type(found[0]).__doc__ or "").split("\n\n")[0])


COMMAND = Help
