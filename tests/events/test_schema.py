"""JSON Schemas, and the promise that a release makes to those who read its events."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from culver_events.event import Event, doc, event, personal
from culver_events.registry import default_registry
from culver_events.schema import Promise, broken_promises, json_schema, promise

RELEASED = Path(__file__).with_name("released.json")


@event(category="cap", version=3, level="warning")
class MailCapped(Event):
    """A mail was refused."""

    size: Annotated[int, doc("Size", unit="bytes")]
    sender: Annotated[str, doc("Sender"), personal]
    kind: Annotated[Literal["soft", "hard"], doc("Limit")] = "soft"
    peer: Annotated[str | None, doc("Peer", kind="ip")] = None


def test_a_schema() -> None:
    schema = json_schema(MailCapped)

    assert schema["title"] == "mail_capped"
    assert schema["required"] == ["size", "sender"]
    assert (schema["x-version"], schema["x-category"], schema["x-level"]) == (3, "cap", "warning")
    assert schema["properties"]["size"] == {
        "type": "integer",
        "description": "Size",
        "x-unit": "bytes",
        "x-privacy": "public",
    }
    assert schema["properties"]["sender"]["x-privacy"] == "personal"
    assert schema["properties"]["kind"]["enum"] == ["soft", "hard"]
    assert schema["properties"]["peer"]["anyOf"] == [{"format": "ipv4"}, {"format": "ipv6"}]


def test_every_bundled_event_has_a_schema() -> None:
    for cls in default_registry():
        schema = json.loads(json.dumps(json_schema(cls)))

        assert set(schema["properties"]) == set(cls.__struct_fields__)


def test_no_released_event_is_broken() -> None:
    """When this fails: keep the field, or raise the event's version. A release rewrites the file
    with `json.dumps(promise(default_registry()), indent=1)`."""
    released: Promise = json.loads(RELEASED.read_text())

    assert len(released) > 50
    assert broken_promises(released, promise(default_registry())) == []


def one(version: int = 1, **fields: str) -> dict[str, Any]:
    return {"mail_capped": {"version": version, "fields": fields}}


@pytest.mark.parametrize(
    ("before", "after", "broken"),
    [
        (one(size="int"), one(size="int"), []),
        (one(size="int"), one(size="int", more="str"), []),
        (one(size="int"), one(2, other="str"), []),
        (one(), {}, ["mail_capped is gone"]),
        (one(2), one(1), ["mail_capped: the version fell to 1"]),
        (
            one(size="int"),
            one(size="str"),
            ["mail_capped: size was int and is str: raise the event's version"],
        ),
        (
            one(size="int"),
            one(),
            ["mail_capped: size was int and is gone: raise the event's version"],
        ),
    ],
)
def test_what_breaks_a_promise(before: Promise, after: Promise, broken: list[str]) -> None:
    assert broken_promises(before, after) == broken
