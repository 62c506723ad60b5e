"""What one emission costs, with nobody, one and ten listening. Prints nanoseconds; judges nothing.

.venv/bin/python tests/bench/bus_bench.py
"""

from timeit import repeat

from culver.bus import Bus
from culver_events.filter import compile_filter
from culver_events.imap import ImapCommandFinished
from culver_events.record import Record
from culver_events.registry import default_registry
from culver_events.scope import Scope

LOOPS = 100_000
FILTER = 'event=imap_command_finished AND cmd_name="UID FETCH" AND net_out_bytes > 1KB'


def listen(record: Record) -> None:
    """Hear and forget."""


def nanoseconds(what: str, **names: object) -> float:
    """The best of five runs of a statement, per run."""
    return min(repeat(what, globals=names, number=LOOPS, repeat=5)) / LOOPS * 1e9


def main() -> None:
    """Measure and print."""
    event = ImapCommandFinished(tagged_reply_state="OK", tagged_reply="OK Done", net_out_bytes=5000)
    for listeners in (0, 1, 10):
        registry = default_registry()
        bus = Bus(registry)
        for _ in range(listeners):
            bus.subscribe(listen, compile_filter(FILTER, registry))
        root = Scope(emitter=bus, user="alice", session="s1")
        scope = root.child(cmd_name="UID FETCH", cmd_tag="a1")
        ask = nanoseconds("scope.wants(cls)", scope=scope, cls=ImapCommandFinished)
        tell = nanoseconds("scope.emit(event)", scope=scope, event=event)
        print(f"{listeners:2} filters: wants {ask:6.0f} ns, emit {tell:6.0f} ns")
    make = nanoseconds("cls(tagged_reply_state='OK', tagged_reply='x')", cls=ImapCommandFinished)
    child = nanoseconds("scope.child(cmd_name='NOOP')", scope=Scope())
    print(f"make an event {make:.0f} ns, make a child scope {child:.0f} ns")


if __name__ == "__main__":
    main()
