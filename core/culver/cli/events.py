"""``culver events list | show NAME | schema``: which events there are, and what they tell."""

from __future__ import annotations

import argparse
import difflib
import sys
from typing import TYPE_CHECKING

from culver.cli.command import CliCommand

if TYPE_CHECKING:
    from culver_events.event import EventInfo, FieldInfo
    from culver_events.registry import EventRegistry

_UNKNOWN = 2


class EventsCommand(CliCommand):
    """Answers from the event classes themselves, those of every installed plugin included."""

    name = "events"
    help = "list and explain the events"

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        every = actions.add_parser("list", help="name, level and meaning of each event")
        every.add_argument("-c", "--category", metavar="NAME", help="only those of a category")
        show = actions.add_parser("show", help="one event: when it is emitted, its fields")
        show.add_argument("event", metavar="NAME")
        schema = actions.add_parser("schema", help="JSON Schema, of all events if none is named")
        schema.add_argument("event", metavar="NAME", nargs="?")

    def run(self, args: argparse.Namespace) -> int:
        registry = _registry()
        wanted: str | None = getattr(args, "event", None)
        if wanted is not None and registry.get(wanted) is None:
            return _unknown(wanted, registry)
        if args.action == "list":
            return _list(registry, args.category)
        if args.action == "schema":
            return _schema(registry, wanted)
        assert wanted is not None, "argparse demands a name"
        return _show(registry, wanted)


def _registry() -> EventRegistry:
    from culver.cli.every_plugin import every_plugin
    from culver_events.registry import default_registry

    registry = default_registry()
    for entry in every_plugin().all_events:
        try:
            registry.register(entry.value)
        except ValueError as error:
            print(f"culver: plugin {entry.plugin}: {error}", file=sys.stderr)
    return registry


def _list(registry: EventRegistry, category: str | None) -> int:
    if category is not None and not registry.knows_category(category):
        known = ", ".join(registry.categories())
        print(f"culver: no category {category!r}; there are: {known}", file=sys.stderr)
        return _UNKNOWN
    infos = [registry.info(name) for name in registry.names()]
    shown = [info for info in infos if category is None or _is_of(registry, info, category)]
    width = max((len(info.name) for info in shown), default=0)
    for info in shown:
        print(f"{info.name:<{width}}  {info.level:<7}  {_sentence(info.doc)}")
    return 0


def _is_of(registry: EventRegistry, info: EventInfo, category: str) -> bool:
    of_parents = registry.parents(info.category) if info.category else ()
    return category in (info.category, info.level, *of_parents)


def _sentence(text: str) -> str:
    """The first one, on one line."""
    first = " ".join(text.split("\n\n")[0].split())
    return first.partition(". ")[0].removesuffix(".") + "."


def _show(registry: EventRegistry, name: str) -> int:
    from culver_events.fields import GROUPS

    info = registry.info(name)
    category = f"category {info.category}" if info.category else "no category"
    print(f"{info.name}: version {info.version}, {category}, level {info.level}\n\n{info.doc}")
    _fields("Fields", list(info.fields))
    for group in info.groups:
        found = [registry.scope_info(field) for field in GROUPS[group]]
        _fields(f"Inherited with {group}", [field for field in found if field is not None])
    return 0


def _fields(title: str, fields: list[FieldInfo]) -> None:
    if not fields:
        return
    print(f"\n{title}:")
    width = max(len(field.name) for field in fields)
    for field in fields:
        print(f"  {field.name:<{width}}  {_type(field):<8} {_meaning(field)}")


def _type(field: FieldInfo) -> str:
    return f"{field.kind}?" if field.optional else field.kind


def _meaning(field: FieldInfo) -> str:
    from culver_events.event import Label

    unit = f", in {field.unit}" if field.unit else ""
    choices = f" ({', '.join(field.choices)})" if field.choices else ""
    label = "" if field.label is Label.PUBLIC else f" [{field.label.value}]"
    return f"{field.doc}{unit}{choices}{label}"


def _schema(registry: EventRegistry, name: str | None) -> int:
    import msgspec

    from culver_events.event import event_info
    from culver_events.schema import json_schema

    schemas = {event_info(cls).name: json_schema(cls) for cls in registry}
    found = schemas if name is None else schemas[name]
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    return 0


def _unknown(name: str, registry: EventRegistry) -> int:
    near = difflib.get_close_matches(name, registry.names(), 1)
    hint = f"; did you mean {near[0]}?" if near else "; see culver events list"
    print(f"culver: there is no event {name!r}{hint}", file=sys.stderr)
    return _UNKNOWN


COMMAND = EventsCommand()
