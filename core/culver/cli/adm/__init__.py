"""``culver adm``: what doveadm does, with its words, output and exit codes (inventory 10)."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from culver.cli.command import CliCommand

if TYPE_CHECKING:
    from culver.adm.command import AdmCommand


class AdmCli(CliCommand):
    """Finds the command among its words, imports only that one, and runs it."""

    name = "adm"
    help = "administer users and mailboxes, in doveadm's words"
    own_help = True

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("-c", dest="config", metavar="FILE", help="configuration file")
        add(
            "-o",
            dest="overrides",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="set over the file",
        )
        add("-f", dest="formatter", default="", metavar="FORMAT", help=_FORMATS)
        add("-h", dest="hide_titles", action="store_true", help="no line of titles")
        add("-v", dest="verbose", action="store_true", help="tell what is done")
        add("-D", dest="verbose", action="store_true", help="the same")
        add("--help", action="help", help="show this")
        add(
            "words",
            nargs=argparse.REMAINDER,
            metavar="COMMAND",
            help="a command with its options and arguments; none: list the commands",
        )

    def run(self, args: argparse.Namespace) -> int:
        from culver.cli.adm.run import run

        return run(args)


_FORMATS = "output format: flow, tab, table, pager or json; by default the command's own"

COMMAND = AdmCli()


def usage_of(command: AdmCommand) -> str:
    """The line that explains how to call a command."""
    from culver.adm.command import MAIL_USAGE, MailCommand

    mail = f" {MAIL_USAGE}" if isinstance(command, MailCommand) else ""
    return f"culver adm {command.name}{mail} {command.usage}".rstrip()


def print_usage(command: AdmCommand) -> None:
    """To stderr, as doveadm does."""
    print(usage_of(command), file=sys.stderr)
