"""Scopes: inheritance, clearing, reasons, and the way to the emitter."""

from collections.abc import Callable

import pytest

from culver_events.event import Event, FieldValue
from culver_events.scope import SILENT, Scope, wall_clock
from culver_events.server import ConfigWarning


def ticking(start: int = 1000) -> Callable[[], int]:
    """A clock that advances one microsecond per reading."""
    now = [start - 1]

    def clock() -> int:
        now[0] += 1
        return now[0]

    return clock


def test_a_child_inherits_and_overrides() -> None:
    root = Scope(user="alice", session="s1")
    child = root.child(user="bob", uid=7)

    assert child.get("user") == "bob"
    assert child.get("session") == "s1"
    assert root.get("uid") is None
    assert child.fields() == {"user": "bob", "session": "s1", "uid": 7}


def test_none_falls_through_to_the_parent() -> None:
    child = Scope(user="alice").child(user=None, mailbox=None)

    assert child.get("user") == "alice"
    assert child.get("mailbox") is None
    assert child.fields() == {"user": "alice"}


def test_a_field_set_later_is_seen_below_and_can_be_given_back() -> None:
    root = Scope()
    child = root.child()
    root.set(user="alice")
    child.set(user="bob")

    assert child.get("user") == "bob"

    child.set(user=None)

    assert child.get("user") == "alice"


@pytest.mark.parametrize("value", ["", 0, False, []])
def test_empty_values_are_values(value: FieldValue) -> None:
    assert Scope(user="alice").child(user=value).get("user") == value


def test_a_cleared_field_is_absent_whatever_the_parents_say() -> None:
    root = Scope(user="alice", session="s1")
    child = root.child()
    child.clear("user")

    assert child.get("user") is None
    assert child.child().fields() == {"session": "s1"}
    assert root.get("user") == "alice"

    child.set(user="bob")

    assert child.get("user") == "bob"


def test_reasons_append() -> None:
    fetch = Scope().reason("imap", "cmd_UID fetch")
    body = fetch.reason("imap", "fetch_body")

    assert fetch.get("reason_code") == ["imap:cmd_uid_fetch"]
    assert body.get("reason_code") == ["imap:cmd_uid_fetch", "imap:fetch_body"]


def test_categories_are_collected_nearest_first_and_once() -> None:
    root = Scope(categories=("service:imap", "imap"))
    child = root.child(categories=("mailbox", "imap"))

    assert child.categories == ("mailbox", "imap", "service:imap")


def test_the_nearest_prefix_counts() -> None:
    root = Scope(prefix="imap-login: ")

    assert Scope().prefix == ""
    assert root.child().prefix == "imap-login: "
    assert root.child(prefix="").prefix == ""


def test_each_scope_has_its_own_start_by_the_roots_clock() -> None:
    root = Scope(clock=ticking(50))

    assert (root.created, root.child().created, root.child().child().created) == (50, 51, 53)


def test_without_an_emitter_nobody_listens() -> None:
    scope = Scope()
    scope.emit(ConfigWarning(text="odd"))

    assert not scope.wants(ConfigWarning)
    assert scope.emitter is SILENT


def test_children_emit_through_the_roots_emitter() -> None:
    class Keeper:
        def __init__(self) -> None:
            self.kept: list[tuple[Scope, Event]] = []

        def wants(self, cls: type[Event]) -> bool:
            return cls is ConfigWarning

        def emit(self, scope: Scope, event: Event) -> None:
            self.kept.append((scope, event))

    keeper = Keeper()
    child = Scope(emitter=keeper).child()
    child.emit(ConfigWarning(text="odd"))

    assert child.wants(ConfigWarning)
    assert keeper.kept == [(child, ConfigWarning(text="odd"))]


def test_the_wall_clock_counts_microseconds() -> None:
    before = wall_clock()

    assert 1_700_000_000_000_000 < before <= wall_clock()
