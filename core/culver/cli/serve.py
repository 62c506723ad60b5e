"""``culver serve``: serve mail in the foreground."""

from __future__ import annotations

import argparse
import sys

from culver.cli.command import CliCommand

EXIT_CONFIG = 89
"""As Dovecot: the configuration can't be used."""


class ServeCommand(CliCommand):
    """Starts what ``protocols`` names."""

    name = "serve"
    help = "serve mail"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("-c", metavar="FILE", dest="config", help="configuration file")
        parser.add_argument(
            "--workers", type=int, default=0, metavar="N", help="worker processes (default: CPUs)"
        )
        parser.add_argument("--single", action="store_true", help="one process, as the demo has it")
        parser.add_argument(
            "-o",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            dest="settings",
            help="override a setting; may be repeated",
        )

    def run(self, args: argparse.Namespace) -> int:
        from culver.cli.composed import composed, find_config
        from culver.process.multi import serve_multi
        from culver.process.unusable import UNUSABLE

        overrides = dict(each.partition("=")[::2] for each in args.settings)
        path = find_config(args.config)
        if path is None:
            print("culver: no configuration file: name one with -c FILE", file=sys.stderr)
            return EXIT_CONFIG
        composition = composed(path, overrides)
        if composition is None:
            return EXIT_CONFIG
        try:
            if args.single:
                from culver.process.single import serve_single

                return serve_single(composition)
            return serve_multi(composition, args.workers)
        except UNUSABLE as error:
            print(f"culver: {error}", file=sys.stderr)
            return EXIT_CONFIG


COMMAND = ServeCommand()
