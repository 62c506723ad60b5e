"""The bus: who hears what, what a failing listener costs the others, and what `wants` knows."""

from typing import TYPE_CHECKING, Annotated

import pytest

from culver.bus import Bus, OnlyClasses, Subscription
from culver_events.event import Event, doc, event
from culver_events.record import Record
from culver_events.registry import EventRegistry
from culver_events.scope import Scope
from culver_events.server import PluginFailed

if TYPE_CHECKING:
    from collections.abc import Callable


@event(category="test")
class Pinged(Event):
    """Somebody pinged."""

    number: Annotated[int, doc("Which one")]


@event(category="test")
class Ponged(Event):
    """Somebody answered."""


class World:
    """A bus with its registry, a scope on it, and a clock that stands still."""

    def __init__(self) -> None:
        self.registry = EventRegistry()
        self.registry.register(Pinged, Ponged, PluginFailed)
        self.bus = Bus(self.registry)
        self.now = 5_000_000
        self.scope = Scope(clock=lambda: self.now, emitter=self.bus, user="alice")
        self.heard: list[Event] = []

    def hear(self, record: Record) -> None:
        self.heard.append(record.event)


@pytest.fixture
def world() -> World:
    return World()


def test_nobody_is_told_when_nobody_listens(world: World) -> None:
    world.scope.emit(Pinged(number=1))

    assert not world.bus.wants(Pinged)
    assert world.bus.emitted == 0


def test_a_listener_without_a_filter_hears_all(world: World) -> None:
    world.bus.subscribe(world.hear)
    world.scope.emit(Pinged(number=1))
    world.scope.emit(Ponged())

    assert world.heard == [Pinged(number=1), Ponged()]
    assert world.scope.wants(Ponged)


def test_a_filter_narrows_classes_and_wants_follows(world: World) -> None:
    subscription = world.bus.subscribe(world.hear, OnlyClasses(Ponged))
    world.scope.emit(Pinged(number=1))
    world.scope.emit(Ponged())

    assert world.heard == [Ponged()]
    assert (world.bus.wants(Pinged), world.bus.wants(Ponged)) == (False, True)

    world.bus.unsubscribe(subscription)
    world.bus.unsubscribe(subscription)

    assert not world.bus.wants(Ponged)
    assert world.bus.subscriptions == ()


def test_a_class_registered_later_is_routed(world: World) -> None:
    @event()
    class Newcomer(Event):
        """Comes with a plugin."""

    world.bus.subscribe(world.hear)
    world.scope.emit(Newcomer())

    assert world.heard == []

    world.registry.register(Newcomer)
    world.scope.emit(Newcomer())

    assert world.heard == [Newcomer()]


def test_a_record_carries_scope_time_and_duration(world: World) -> None:
    records: list[Record] = []
    world.bus.subscribe(records.append)
    world.now += 250
    world.scope.emit(Pinged(number=3))
    (record,) = records

    assert (record.name, record.time, record.duration) == ("pinged", 5_000_250, 250)
    assert (record.get("number"), record.get("user"), record.get("duration")) == (3, "alice", 250)
    assert record.source is None


def broken(record: Record) -> None:
    raise ValueError(f"can't stand {record.name}")


def test_a_failing_listener_is_reported_and_the_others_still_hear(world: World) -> None:
    bad = world.bus.subscribe(broken, OnlyClasses(Pinged), name="bad", plugin="hello")
    world.bus.subscribe(world.hear)
    world.scope.emit(Pinged(number=1))

    report, ping = world.heard
    assert ping == Pinged(number=1)
    assert isinstance(report, PluginFailed)
    assert (report.plugin, report.part, report.doing) == ("hello", "listener bad", "pinged")
    assert report.error == "ValueError: can't stand pinged"
    assert report.error_location.startswith("test_bus.py:")
    assert bad.failures == 1


def test_a_failure_is_reported_once_a_minute_with_the_count(world: World) -> None:
    world.bus.subscribe(broken, OnlyClasses(Pinged))
    world.bus.subscribe(world.hear, OnlyClasses(PluginFailed))
    for number in range(5):
        world.scope.emit(Pinged(number=number))
    world.now += 60_000_000
    world.scope.emit(Pinged(number=6))

    assert [e.failures for e in world.heard if isinstance(e, PluginFailed)] == [1, 5]


def test_a_listener_that_fails_on_its_own_report_does_not_loop(world: World) -> None:
    bad = world.bus.subscribe(broken)
    worse = world.bus.subscribe(broken)
    world.scope.emit(Pinged(number=1))

    assert bad.failures >= 2
    assert worse.failures >= 2


def test_cancellation_is_not_swallowed(world: World) -> None:
    def interrupted(record: Record) -> None:
        raise KeyboardInterrupt

    world.bus.subscribe(interrupted)
    with pytest.raises(KeyboardInterrupt):
        world.scope.emit(Ponged())


def test_a_filter_that_raises_is_walled_off_too(world: World) -> None:
    class Broken(OnlyClasses):
        def bind(self, cls: type[Event]) -> "Callable[[Record], bool] | None":
            return self.look if super().bind(cls) else None

        def look(self, record: Record) -> bool:
            raise LookupError("no")

    sub: Subscription = world.bus.subscribe(world.hear, Broken(Pinged))
    world.scope.emit(Pinged(number=1))

    assert world.heard == []
    assert sub.failures == 1


def test_the_source_is_found_only_when_a_filter_asks(world: World) -> None:
    class Curious(OnlyClasses):
        uses_source = True

    sources: list[str | None] = []
    world.bus.subscribe(lambda record: sources.append(record.source), Curious(Pinged))
    world.scope.emit(Pinged(number=1))
    world.bus.emit(world.scope, Pinged(number=2))

    assert all(source and source.startswith("test_bus.py:") for source in sources)
    assert len(sources) == 2


def test_a_listener_may_emit(world: World) -> None:
    world.bus.subscribe(lambda record: record.scope.emit(Ponged()), OnlyClasses(Pinged))
    world.bus.subscribe(world.hear)
    world.scope.emit(Pinged(number=1))

    assert world.heard == [Ponged(), Pinged(number=1)]
