"""Microseconds per command in the IMAP wire layer, from octets to event; and per row of FETCH.

Run it by hand: `python tests/bench/imap_wire_bench.py`. It asserts nothing.
"""

import timeit
from collections.abc import Callable

from pyroaring import BitMap

from culver_plugins.imap.wire import responses, sequence
from culver_plugins.imap.wire.events import CommandReceived
from culver_plugins.imap.wire.flags import FLAG_TEXTS
from culver_plugins.imap.wire.machine import ImapMachine
from culver_plugins.imap.wire.state import State
from culver_plugins.imap.wire.table import CommandTable

LINES = {
    "LOGIN": b"a1 LOGIN alice secret\r\n",
    "LOGIN with literals": b"a1 LOGIN {5+}\r\nalice {6+}\r\nsecret\r\n",
    "NOOP": b"a1 NOOP\r\n",
    "SELECT": b"a1 SELECT INBOX\r\n",
    "UID FETCH FLAGS": b"a1 UID FETCH 1:* (FLAGS)\r\n",
    "UID FETCH headers": b"a1 UID FETCH 1:500 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS "
    b"(From To Cc Bcc Subject Date Message-ID Priority X-Priority References In-Reply-To)])\r\n",
    "UID FETCH body": b"a1 UID FETCH 4711 BODY.PEEK[]\r\n",
    "UID STORE": b"a1 UID STORE 4711 +FLAGS.SILENT (\\Seen)\r\n",
    "UID SEARCH": b'a1 UID SEARCH UNDELETED SINCE 1-Feb-2024 OR FROM "x" SUBJECT "y"\r\n',
    "UID COPY 200 ranges": b"a1 UID COPY %b Trash\r\n"
    % b",".join(b"%d" % i for i in range(1, 400, 2)),
    "LIST": b'a1 LIST "" "*"\r\n',
    "STATUS": b"a1 STATUS Archive (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)\r\n",
    "APPEND 1 KiB": b"a1 APPEND Sent (\\Seen) {1024+}\r\n" + b"x" * 1024 + b"\r\n",
}
ROWS = 100_000
BATCH = 100


def command(name: str, line: bytes) -> float:
    """Return microseconds per command."""
    machine = ImapMachine(CommandTable())

    def run() -> None:
        machine.receive(line * BATCH)
        for _ in range(BATCH):
            machine.state = State.NOT_AUTHENTICATED if "LOGIN" in name else State.SELECTED
            event = machine.next_event()
            if not isinstance(event, CommandReceived):
                raise TypeError(f"{name}: {event}")
            machine.finish(event.name)

    return best(run) / BATCH


def best(run: Callable[[], object]) -> float:
    """Return the best of five, in microseconds."""
    timer = timeit.Timer(run)
    number, _ = timer.autorange()
    return min(timer.repeat(5, max(1, number // 10))) / max(1, number // 10) * 1e6


def main() -> None:
    """Print the table."""
    for name, line in LINES.items():
        print(f"{name:24} {command(name, line):8.2f} us")
    numbers = list(range(1, ROWS + 1))
    texts = [FLAG_TEXTS[i & 63] for i in numbers]
    sparse = BitMap(range(1, ROWS * 2, 2))
    rows = {
        "fetch_flags_lines": lambda: responses.fetch_flags_lines(numbers, numbers, texts),
        "search": lambda: responses.search(numbers),
        "format_set, all single": lambda: sequence.format_set(sparse),
        "format_set, one range": lambda: sequence.format_set(BitMap(numbers)),
    }
    for name, run in rows.items():
        print(f"{name:24} {best(run) / ROWS:8.4f} us per row")


if __name__ == "__main__":
    main()
