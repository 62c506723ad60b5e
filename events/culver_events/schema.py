"""JSON Schema of events, as exporters write their fields; and what a release promises."""

from typing import Any, Final

import msgspec

from culver_events.event import Event, EventInfo, FieldInfo, Kind, event_info
from culver_events.registry import EventRegistry

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_TYPES: Final[dict[Kind, dict[str, Any]]] = {
    "str": {"type": "string"},
    "ip": {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "strlist": {"type": "array", "items": {"type": "string"}},
}


def json_schema(cls: type[Event]) -> dict[str, Any]:
    """The schema of one event's own fields. Inherited fields may stand beside them."""
    info = event_info(cls)
    return {
        "$schema": DIALECT,
        "title": info.name,
        "description": info.doc,
        "type": "object",
        "properties": {field.name: _property(field) for field in info.fields},
        "required": [field.name for field in msgspec.structs.fields(cls) if field.required],
        "x-version": info.version,
        "x-category": info.category,
        "x-level": info.level,
    }


def _property(field: FieldInfo) -> dict[str, Any]:
    found: dict[str, Any] = {**_TYPES[field.kind], "description": field.doc}
    if field.choices:
        found["enum"] = list(field.choices)
    if field.unit:
        found["x-unit"] = field.unit
    found["x-privacy"] = field.label.value
    return found


Promise = dict[str, dict[str, Any]]
"""Event name -> version and the kinds of its fields: what a release promises to keep."""


def promise(registry: EventRegistry) -> Promise:
    """What the registry's events promise."""
    return {name: _promised(registry.info(name)) for name in registry.names()}


def _promised(info: EventInfo) -> dict[str, Any]:
    fields = {field.name: field.kind for field in info.fields}
    return {"version": info.version, "fields": dict(sorted(fields.items()))}


def broken_promises(released: Promise, now: Promise) -> list[str]:
    """What a reader of the released events would miss: a sentence each, none if all is kept.

    An event may gain fields; it may lose or change one only together with a higher version.
    """
    broken: list[str] = []
    for name, before in released.items():
        after = now.get(name)
        if after is None:
            broken.append(f"{name} is gone")
        elif after["version"] < before["version"]:
            broken.append(f"{name}: the version fell to {after['version']}")
        elif after["version"] == before["version"]:
            broken += _lost(name, before["fields"], after["fields"])
    return broken


def _lost(name: str, before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [
        f"{name}: {field} was {kind} and is {after.get(field, 'gone')}: raise the event's version"
        for field, kind in before.items()
        if after.get(field) != kind
    ]
