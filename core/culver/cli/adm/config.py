"""``config ...``: ``culver config`` under doveadm's name."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from culver.adm.command import AdmCommand

if TYPE_CHECKING:
    from culver.adm.call import Call


class Config(AdmCommand):
    """Shows the configuration."""

    name = "config"
    usage = "[culver config parameters]"
    raw = True
    configured = False

    def run(self, call: Call) -> None:
        from culver.cli.config import COMMAND as command

        parser = argparse.ArgumentParser(prog="culver adm config", add_help=False)
        command.arguments(parser)
        call.context.failed(command.run(parser.parse_args(call.args)))


COMMAND = Config
