"""``culver plugin list | order | explain NAME``: what is installed, loaded, and in which order."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from culver.cli.command import CliCommand

if TYPE_CHECKING:
    from culver.composition import Composition
    from culver.registry import Kind, Registry


class PluginCommand(CliCommand):
    """Answers what a configuration loads."""

    name = "plugin"
    help = "list, order and explain plugins"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("-c", metavar="FILE", dest="config", help="configuration file")
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("list", help="installed plugins, and whether they are loaded")
        actions.add_parser("order", help="layers and transforms in the order they act")
        explain = actions.add_parser("explain", help="what one plugin declares")
        explain.add_argument("plugin", metavar="NAME")

    def run(self, args: argparse.Namespace) -> int:
        from culver.cli.composed import composed

        composition = composed(args.config)
        if composition is None:
            return 89
        if args.action == "list":
            return _list(composition)
        if args.action == "order":
            return _order(composition)
        return _explain(composition, args.plugin)


def _list(composition: Composition) -> int:
    from culver.loader import installed

    loaded = composition.plugins.names()
    for name, entry in sorted(installed().items()):
        distribution = entry.dist
        source = f"{distribution.name} {distribution.version}" if distribution else "?"
        print(f"{name:<20} {'loaded' if name in loaded else '-':<8} {source:<24} {entry.value}")
    return 0


def _order(composition: Composition) -> int:
    from culver.mail.order import in_order

    registry = composition.registry
    print("Layers, the one that sees an append first on top:")
    for entry in in_order(list(registry.layers)):
        print(f"  {entry.name:<20} {entry.value.__module__}.{entry.value.__qualname__}")
    print("Transforms, the one that changes the bytes of a saved mail first on top:")
    for other in in_order(list(registry.transforms)):
        print(f"  {other.name:<20} {other.value.__module__}.{other.value.__qualname__}")
    return 0


def _explain(composition: Composition, wanted: str) -> int:
    from culver.loader import plugin_name

    name = plugin_name(wanted)
    if name not in composition.plugins.names():
        loaded = ", ".join(composition.plugins.names())
        print(f"culver: plugin {wanted!r} is not loaded; loaded are: {loaded}", file=sys.stderr)
        return 2
    module = composition.plugins.manager.get_plugin(name)
    print(f"{name}: {(getattr(module, '__doc__', '') or '').strip().splitlines()[0]}")
    for kind in _kinds(composition.registry):
        for entry in kind:
            if entry.plugin == name:
                print(f"  {kind.title}: {entry.name}{_first_line(entry.value)}")
    return 0


def _kinds(registry: Registry) -> list[Kind[object]]:
    from culver.registry import Kind

    return [kind for kind in vars(registry).values() if isinstance(kind, Kind)]


def _first_line(value: object) -> str:
    text = (value.__doc__ or "").strip().splitlines() if isinstance(value, type) else []
    return f" - {text[0]}" if text else ""


COMMAND = PluginCommand()
