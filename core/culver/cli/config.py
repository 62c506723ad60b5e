"""`culver config`: show the configuration in doveconf's form."""

import argparse
import os
import platform
import socket
import sys
from importlib.metadata import version
from typing import Final

from culver.cli.command import CliCommand
from culver.config.common import COMMON
from culver.config.config import Config
from culver.config.dump import Scope, dump, expanded, find, flat, lines, root_items
from culver.config.errors import ConfigErrors
from culver.config.filters import Filter, query
from culver.config.load import EXIT_FATAL_CONFIG, load
from culver.config.schema import Declarations

DEFAULT_PATH: Final = "/etc/dovecot/dovecot.conf"

# What -f may say, with doveconf's older names.
_FILTER_NAMES: Final = {
    "service": "protocol",
    "protocol": "protocol",
    "local_name": "local_name",
    "lname": "local_name",
    "local": "local_ip",
    "lip": "local_ip",
    "remote": "remote_ip",
    "rip": "remote_ip",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options. `-h` hides names, as in doveconf, if the parser has `add_help=False`."""
    add = parser.add_argument
    add("-a", dest="scope", action="store_const", const="all", help="all settings (default)")
    add("-n", dest="scope", action="store_const", const="changed", help="those not default")
    add("-N", dest="scope", action="store_const", const="set", help="and those set to the default")
    add("-s", dest="scope", action="store_const", const="all", help=argparse.SUPPRESS)
    add("-d", dest="defaults", action="store_true", help="the defaults, no file read")
    add(
        "-f",
        dest="filters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of one connection: protocol, local_name, local, remote",
    )
    hide = ("--hide-names",) if parser.add_help else ("-h", "--hide-names")
    add(*hide, dest="hide_names", action="store_true", help="only the values of SETTINGs")
    add("-p", dest="full", action="store_true", help=argparse.SUPPRESS)
    add("-P", dest="secrets", action="store_true", help="show passwords and keys")
    add("-S", dest="simple", action="store_true", help="one path=value a line")
    add("-x", dest="expand", action="store_true", help="expand </file and $name")
    add("-c", dest="path", metavar="FILE", help=f"the file, {DEFAULT_PATH} if not given")
    add(
        "-o",
        dest="overrides",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set over the file",
    )
    add("settings", nargs="*", metavar="SETTING", help="only these settings or sections")
    if not parser.add_help:
        add("--help", action="help", help="show this")


def run(args: argparse.Namespace, declarations: Declarations = COMMON) -> int:
    """Print what is asked for. Returns 0, or 89 if the configuration cannot be used."""
    path = args.path or os.environ.get("CONFIG_FILE") or DEFAULT_PATH
    try:
        connection = _filter(args.filters)
        overrides = dict(_pair(text) for text in args.overrides)
    except ValueError as error:
        return _fatal(str(error))
    if not args.settings and not args.simple:
        print(f"# culver {version('culver')}: {path}", flush=True)
    try:
        file = None if args.defaults else path
        config = load(file, declarations, overrides, expand=args.expand)
        config = expanded(config) if args.expand else config
    except ConfigErrors as errors:
        for fault in errors.errors:
            where = f"Error in configuration file {fault.where}: " if fault.file else ""
            _fatal(where + str(fault).removeprefix(f"{fault.where}: "))
        return EXIT_FATAL_CONFIG
    except OSError as error:
        return _fatal(f"Can't open file {error.filename}: {error.strerror}")
    for warning in config.warnings:
        print(f"culver config: Warning: {warning}", file=sys.stderr)
    _print(config, connection, args)
    return 0


def _print(config: Config, connection: Filter, args: argparse.Namespace) -> None:
    scope = Scope(args.scope or "all")
    if args.settings:
        for name in args.settings:
            _print_one(config, connection, name, args)
    elif args.simple:
        for path, text in flat(root_items(config, scope, connection)):
            print(f"{path}={text}")
    else:
        print(f"# OS: {platform.system()} {platform.release()} {platform.machine()}")
        print(f"# Hostname: {socket.gethostname()}")
        for line in dump(config, scope, connection, hide=not args.secrets):
            print(line)


def _print_one(config: Config, connection: Filter, name: str, args: argparse.Namespace) -> None:
    """One setting or the sections of a name, defaults and all. An unknown name prints nothing."""
    found = find(root_items(config, Scope.ALL, connection), name)
    if len(found) == 1 and found[0].items is None:
        print(found[0].text if args.hide_names else f"{name} = {found[0].text}")
        return
    for line in lines(found, 0, hide=not args.secrets):
        print(line)


def _filter(texts: list[str]) -> Filter:
    """The connection that -f describes. Raises `ValueError`."""
    words: dict[str, str] = {}
    for text in texts:
        name, value = _pair(text)
        if name not in _FILTER_NAMES:
            allowed = ", ".join(_FILTER_NAMES)
            raise ValueError(f"Unknown filter argument: {name} (allowed: {allowed})")
        words[_FILTER_NAMES[name]] = value
    return query(**words)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"Expected NAME=VALUE, found {text}")
    return name, value


def _fatal(text: str) -> int:
    print(f"culver config: Fatal: {text}", file=sys.stderr)
    return EXIT_FATAL_CONFIG


class ConfigCommand(CliCommand):
    """doveconf, with the settings of the plugins that the configuration names."""

    name = "config"
    help = "show what was understood of the configuration"
    own_help = True

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        add_arguments(parser)

    def run(self, args: argparse.Namespace) -> int:
        from culver.composition import declared_for
        from culver.loader import PluginError

        path = args.path or os.environ.get("CONFIG_FILE") or DEFAULT_PATH
        try:
            declarations = declared_for(None if args.defaults else path)
        except PluginError as error:
            return _fatal(str(error))
        except (ConfigErrors, OSError):
            declarations = COMMON  # what is wrong is told by the check that follows
        return run(args, declarations)


COMMAND = ConfigCommand()
