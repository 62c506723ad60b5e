"""The entry point: find the subcommand, import only that one, run it."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from culver.cli.command import CliCommand

BUNDLED = {
    "adm": "administer users and mailboxes, in doveadm's words",
    "config": "show what was understood of the configuration",
    "demo": "start a complete server with sample mail, for trying out",
    "events": "list and explain the events",
    "plugin": "list, order and explain plugins",
    "pw": "make and verify password hashes",
    "serve": "serve mail",
}
"""Name to one line of help; the module is ``culver.cli.NAME``, its class found in COMMAND."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``culver``; returns the exit code."""
    # numpy's linear algebra would start a thread per core in every process; nothing uses it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in arguments if not word.startswith("-")), "")
    parser = argparse.ArgumentParser(
        prog="culver", description="A mail server of typed events and plugins."
    )
    parser.add_argument("--version", action="version", version=_version(arguments))
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    command = _find(name)
    for each, text in BUNDLED.items():
        chosen = command if each == name else None
        sub = commands.add_parser(
            each,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            add_help=chosen is None or not chosen.own_help,
        )
        if chosen is not None:
            chosen.arguments(sub)
    if command is not None and name not in BUNDLED:
        command.arguments(commands.add_parser(name, help=command.help, description=command.help))
    args = parser.parse_args(arguments)
    assert command is not None, "argparse knows the bundled names only"
    try:
        return command.run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output left (| head): not an error.
        sys.stderr.close()
        return 0


def _version(arguments: Sequence[str]) -> str:
    if "--version" not in arguments:
        return ""
    from importlib.metadata import version

    return f"culver {version('culver')}"


def _find(name: str) -> CliCommand | None:
    if name in BUNDLED:
        module = importlib.import_module(f"culver.cli.{name}")
        command: CliCommand = module.COMMAND
        return command
    return _of_plugin(name) if name else None


def _of_plugin(name: str) -> CliCommand | None:
    """A command that an installed plugin brings; only now are plugins imported for it."""
    from culver.loader import PluginError, Plugins, installed

    plugins = Plugins()
    try:
        plugins.load(installed())
    except PluginError as error:
        print(f"culver: {error}", file=sys.stderr)
    return plugins.registry.cli_commands.find(name)
