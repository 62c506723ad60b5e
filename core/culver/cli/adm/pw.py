"""``pw``: ``culver pw`` under doveadm's name."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from culver.adm.command import AdmCommand
from culver.adm.errors import WrongUsage
from culver.adm.option import Option

if TYPE_CHECKING:
    from culver.adm.call import Call


class Pw(AdmCommand):
    """Makes and verifies password hashes."""

    name = "pw"
    usage = "[-l] [-p plaintext] [-r rounds] [-s scheme] [-t hash] [-u user] [-V]"
    options = (
        Option("list", "l"),
        Option("plaintext", "p", takes_value=True),
        Option("rounds", "r", takes_value=True),
        Option("scheme", "s", takes_value=True),
        Option("test-hash", "t", takes_value=True),
        Option("user", "u", takes_value=True),
        Option("reverse-verify", "V"),
    )
    configured = False

    def run(self, call: Call) -> None:
        from culver.cli.pw import PwCommand

        command = PwCommand()
        parser = argparse.ArgumentParser(prog="culver adm pw", exit_on_error=False)
        command.arguments(parser)
        words: list[str] = []
        for option in self.options:
            for value in call.given.all(option.name):
                words.append(
                    f"--{option.name}={value}" if option.takes_value else f"-{option.short}"
                )
        try:
            args = parser.parse_args(words)
        except argparse.ArgumentError as error:
            raise WrongUsage(str(error)) from None
        call.context.failed(command.run(args))


COMMAND = Pw
