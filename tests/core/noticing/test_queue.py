"""The queue before a slow sink: order, batches, drops, and an orderly end."""

import pytest
import trio

from culver.noticing.queue import MAX_BATCH, QueueSink
from culver_events.mail import MailExpunged
from culver_events.record import Record
from culver_events.scope import Scope


def record(uid: int) -> Record:
    return Record(MailExpunged(uid=uid), Scope(), 0)


def encode(record: Record) -> bytes:
    return str(record.get("uid")).encode()


async def test_items_come_in_order_and_in_batches() -> None:
    batches: list[list[bytes]] = []

    async def deliver(batch: list[bytes]) -> None:
        await trio.lowlevel.checkpoint()
        batches.append(batch)

    sink = QueueSink(encode, deliver)
    for uid in range(MAX_BATCH + 1):
        sink.hear(record(uid))
    sink.close()
    with trio.fail_after(5):
        await sink.run()

    assert [len(batch) for batch in batches] == [MAX_BATCH, 1]
    assert [int(item) for batch in batches for item in batch] == list(range(MAX_BATCH + 1))
    assert (sink.delivered, sink.dropped, len(sink)) == (MAX_BATCH + 1, 0, 0)


async def test_a_full_queue_drops_the_newest_and_counts() -> None:
    got: list[bytes] = []

    async def deliver(batch: list[bytes]) -> None:
        got.extend(batch)

    sink = QueueSink(encode, deliver, size=2)
    for uid in range(5):
        sink.hear(record(uid))
    sink.close()
    sink.hear(record(9))
    await sink.run()

    assert (got, sink.dropped) == ([b"0", b"1"], 4)


async def test_a_sink_that_fails_keeps_its_batch(autojump_clock: trio.testing.MockClock) -> None:
    got: list[bytes] = []
    failures = [OSError("gone")]

    async def deliver(batch: list[bytes]) -> None:
        if failures:
            raise failures.pop()
        got.extend(batch)

    sink = QueueSink(encode, deliver)
    sink.hear(record(1))
    with pytest.raises(OSError, match="gone"):
        await sink.run()

    assert len(sink) == 1

    sink.close()
    await sink.run()

    assert got == [b"1"]


async def test_it_waits_for_what_comes_later(autojump_clock: trio.testing.MockClock) -> None:
    got: list[bytes] = []

    async def deliver(batch: list[bytes]) -> None:
        got.extend(batch)

    sink = QueueSink(encode, deliver)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(sink.run)
        for uid in range(3):
            await trio.testing.wait_all_tasks_blocked()
            sink.hear(record(uid))
        await trio.testing.wait_all_tasks_blocked()

        assert got == [b"0", b"1", b"2"]

        sink.close()
