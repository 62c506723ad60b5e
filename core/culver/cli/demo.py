"""``culver demo``: a complete server in one process, without root and without configuration."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from culver.cli.command import CliCommand


class DemoCommand(CliCommand):
    """Prepares a directory and serves from it."""

    name = "demo"
    help = "start a complete server with sample mail, for trying out"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "directory", nargs="?", default="culver-demo", help="default: ./culver-demo"
        )

    def run(self, args: argparse.Namespace) -> int:
        from culver.cli.composed import composed
        from culver.demo.place import prepare

        try:
            place = prepare(Path(args.directory).resolve())
        except OSError as error:
            print(f"culver: can't use {args.directory}: {error.strerror}", file=sys.stderr)
            return 1
        composition = composed(str(place.config))
        if composition is None:
            return 89
        from culver.demo.run import run_demo

        return run_demo(composition, place)


COMMAND = DemoCommand()
