"""One run of ``culver adm``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from culver.adm.call import Call, Context
from culver.adm.codes import CONFIG, USAGE
from culver.adm.command import AdmCommand, MailCommand
from culver.adm.errors import AdmError, WrongUsage
from culver.adm.option import Given, parse_options
from culver.cli.adm import print_usage
from culver.cli.adm.table import COMMANDS, find, names

if TYPE_CHECKING:
    import argparse

    from culver.composition import Composition


def run(args: argparse.Namespace) -> int:
    """Do what the words say; returns the exit code."""
    words: list[str] = args.words
    found = find(words)
    composition = None
    if found is None and not words:
        return print_commands("")
    if found is None or found[0].configured:
        composition = _composition(args)
        if composition is None:
            return CONFIG
    found = found or find(words, composition.registry if composition else None)
    if found is None:
        return print_commands(words[0], composition)
    command, count = found
    context = Context(
        composition,
        sys.stdout.buffer,
        formatter=args.formatter,
        hide_titles=args.hide_titles,
        verbose=args.verbose,
    )
    return run_command(command, words[count:], context)


def run_command(command: AdmCommand, words: list[str], context: Context) -> int:
    """Parse a command's words and run it; returns the exit code."""
    try:
        command.run(make_call(command, words, context))
    except WrongUsage as error:
        if str(error):
            print(f"culver adm {command.name}: {error}", file=sys.stderr)
        print_usage(command)
        return USAGE
    except AdmError as error:
        context.out.flush()
        print(f"culver adm: Fatal: {error}", file=sys.stderr)
        return error.code
    finally:
        context.out.flush()
    return context.exit_code


def make_call(command: AdmCommand, words: list[str], context: Context) -> Call:
    """The parsed words.  Raises WrongUsage, and AdmError for an unknown output format."""
    if command.raw:
        return Call(context, Given(), words, command.formatter)
    options = command.all_options() if isinstance(command, MailCommand) else command.options
    given, rest = parse_options(words, options, ordered=command.ordered)
    return Call(context, given, rest, command.formatter)


def print_commands(prefix: str, composition: Composition | None = None) -> int:
    """The usage of all commands, or of those below a first word."""
    registry = None if composition is None else composition.registry
    found = names(prefix, registry) or names("", registry)
    below = f" {prefix}" if found[0].startswith(f"{prefix} ") else ""
    print(f"usage: culver adm [-Dv] [-f <formatter>]{below} <command> [<args>]", file=sys.stderr)
    for name in found:
        print(f"  {name}{'' if name in COMMANDS else '  (of a plugin)'}", file=sys.stderr)
    return USAGE


def _composition(args: argparse.Namespace) -> Composition | None:
    from culver.cli.composed import composed

    overrides: dict[str, str] = {}
    for text in args.overrides:
        name, equals, value = text.partition("=")
        if not equals:
            print(f"culver adm: -o {text}: expected NAME=VALUE", file=sys.stderr)
            return None
        overrides[name] = value
    return composed(args.config, overrides)
