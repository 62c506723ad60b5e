"""Run the demo: print how to get in, deliver the samples, show events as they happen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import trio

from culver.demo.deliver import deliver_samples
from culver.demo.words import greeting
from culver.noticing.live import LiveRenderer, LiveSink
from culver.process.single import serve_single
from culver_events import mail
from culver_events.event import event_info
from culver_events.imap import ImapCommandFinished

if TYPE_CHECKING:
    from collections.abc import Callable

    from culver.composition import Composition
    from culver.demo.place import Place
    from culver_events.event import Event
    from culver_events.record import Record


class _Interesting:
    """A filter for people: what happened to mail and who came, not each step."""

    uses_source = False

    def bind(self, cls: type[Event]) -> Callable[[Record], bool] | None:
        info = event_info(cls)
        shown = (
            info.level != "debug" or cls.__module__ == mail.__name__ or cls is ImapCommandFinished
        )
        return (lambda record: True) if shown else None


def run_demo(composition: Composition, place: Place) -> int:
    """Serve until Ctrl-C; returns the exit code."""
    live = LiveSink(LiveRenderer(colour=sys.stdout.isatty()), _say)
    composition.bus.subscribe(live.hear, _Interesting(), name="demo")

    async def when_ready() -> None:
        print(greeting(place), flush=True)
        if place.fresh:
            count = await trio.to_thread.run_sync(deliver_samples, place.ports["lmtp"])
            print(f"{count} sample mails are delivered.", flush=True)

    return serve_single(composition, when_ready, log=False)


def _say(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()
