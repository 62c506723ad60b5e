"""Time the mailbox index: run as a program, `index_bench.py [MESSAGES]`; prints microseconds."""

import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from culver.index.engine import MailboxIndex
from culver.index.mailflags import SEEN
from culver.index.settings import IndexSettings
from culver.index.specs import CACHE
from culver.index.view import View


def timed(what: str, times: int, run: Callable[[], object]) -> None:
    """Print the mean time of run and the best of it."""
    taken: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    print(f"{what:44} {1e6 * min(taken):10.1f} best {1e6 * sum(taken) / times:10.1f} mean")


def main(count: int) -> None:
    """Measure on a mailbox of count messages, with modseqs, keywords and cache offsets."""
    settings = IndexSettings(fsync="never", rewrite_max=1 << 40, rotate_max_size=1 << 40)
    with tempfile.TemporaryDirectory() as folder:
        writer = MailboxIndex(folder, settings)
        writer.create(1)
        fill = writer.begin()
        fill.enable_modseqs()
        numbers = np.arange(count, dtype=np.uint32)
        fill.append(np.zeros(count, np.uint8), keywords=["$Junk"], rows={CACHE: numbers})
        timed("append all in one transaction", 1, fill.commit)
        with writer.lock():
            timed("rewrite dovecot.index", 5, writer.rewrite)
        reader = MailboxIndex(folder, settings)
        timed("open", 20, reader.open)
        view = View(reader)
        middle = count // 2

        def flag(first: int, last: int, add: int, remove: int) -> None:
            change = writer.begin()
            change.update_flags(np.arange(first, last), add, remove)
            change.commit()

        timed("nothing new: refresh and sync", 200, lambda: (reader.refresh(), view.sync()))
        timed("flag one message", 500, lambda: flag(middle, middle + 1, SEEN, 0))
        reader.refresh()
        view.sync()

        def follow() -> None:
            reader.refresh()
            view.sync()

        for what, first, last in (
            ("one change: refresh and sync", middle, middle + 1),
            ("flags over all: refresh and sync", 1, count + 1),
        ):
            taken: list[float] = []
            for _ in range(50):
                flag(first, last, SEEN, 0)
                start = time.perf_counter()
                follow()
                taken.append(time.perf_counter() - start)
            print(f"{what:44} {1e6 * min(taken):10.1f} best {1e6 * sum(taken) / 50:10.1f} mean")
        timed("flags over all messages", 20, lambda: flag(1, count + 1, SEEN, 0))
        scattered = np.arange(1, count + 1, 2)

        def every_second() -> None:
            change = writer.begin()
            change.update_flags(scattered, SEEN)
            change.commit()

        timed("flags of every second message", 10, every_second)
        state = writer.state
        timed("count unseen", 200, lambda: state.messages - state.seen)
        timed("find the first unseen", 200, lambda: state.first_uid(SEEN, False))
        timed("modseqs above", 200, lambda: state.uids[state.modseqs > 3])

        def remove_one() -> None:
            change = writer.begin()
            change.expunge(writer.state.uids[:1])
            change.commit()

        timed("expunge one", 50, remove_one)
        timed("refresh and sync after 50 expunges", 1, follow)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
