"""The load generator: one function for each thing that is measured.

Python's standard library only, and no more parsing than it takes to find the end of an answer: on
a machine with few processors the client's own work takes time away from the server.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.bench.links import BadAnswer, ImapLink, LmtpLink
from tests.peers.mails import make_multipart
from tests.peers.process_tree import cpu_seconds, memory_kib

PARALLEL = 4
"""Connections that work at the same time, where a step uses several."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much each step does."""

    mails: int
    """Mails in the mailbox that is read and searched."""
    logins: int
    deliveries: int
    passes: int
    """Repetitions of what reads the whole mailbox."""
    singles: int
    """Repetitions of small commands."""
    notifications: int
    idlers: int


QUICK = Scale(300, 80, 80, 3, 100, 3, 20)
FULL = Scale(3000, 400, 400, 5, 400, 9, 100)


@dataclass(frozen=True, slots=True)
class Target:
    """A server under load in one round."""

    imap_port: int
    lmtp_port: int
    pid: int
    """Root of the server's process tree."""
    password: str
    big: str
    """A user whose INBOX holds `Scale.mails` mails and has not been opened before this round."""
    users: Sequence[str]
    """Users with empty mailboxes, at least `PARALLEL`."""
    scale: Scale

    def login(self, user: str) -> ImapLink:
        """A connection after its login."""
        return ImapLink(self.imap_port, user, self.password)

    def selected(self, user: str) -> ImapLink:
        """A connection after SELECT INBOX."""
        link = self.login(user)
        link.command("SELECT INBOX")
        return link


Step = Callable[[Target], float]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a step's figure means."""

    name: str
    unit: str
    run: Step
    less_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One run of one step."""

    name: str
    value: float
    cpu_seconds: float
    """Processor time of the server while the step ran."""


def measure(measurement: Measurement, target: Target) -> Figure:
    """Run a step once; BadAnswer or OSError where the server does not do its part."""
    before = cpu_seconds(target.pid)
    value = measurement.run(target)
    return Figure(measurement.name, value, cpu_seconds(target.pid) - before)


@dataclass(slots=True)
class _Clock:
    """Operations for each second since it was made."""

    started: float = field(default_factory=time.perf_counter)

    def rate(self, operations: float) -> float:
        return operations / (time.perf_counter() - self.started)


def _in_parallel(work: Callable[[int], object]) -> None:
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(work, range(PARALLEL)))


def login(target: Target) -> float:
    """Connect, LOGIN, LOGOUT."""
    each = target.scale.logins // PARALLEL

    def work(number: int) -> None:
        for _ in range(each):
            target.login(target.users[number]).logout()

    clock = _Clock()
    _in_parallel(work)
    return clock.rate(each * PARALLEL)


def append(target: Target) -> float:
    """APPEND, a connection for each user."""
    each = target.scale.deliveries // PARALLEL

    def work(number: int) -> None:
        with target.login(target.users[number]) as link:
            for mail in range(each):
                link.append("INBOX", make_multipart(mail))

    clock = _Clock()
    _in_parallel(work)
    return clock.rate(each * PARALLEL)


def lmtp(target: Target) -> float:
    """Deliveries, a connection for each user."""
    each = target.scale.deliveries // PARALLEL

    def work(number: int) -> None:
        with LmtpLink(target.lmtp_port) as link:
            for mail in range(each):
                link.deliver(target.users[number], make_multipart(mail))

    clock = _Clock()
    _in_parallel(work)
    return clock.rate(each * PARALLEL)


def select_first(target: Target) -> float:
    """Milliseconds of the first SELECT of a Maildir that no server has seen yet."""
    with target.login(target.big) as link:
        started = time.perf_counter()
        link.command("SELECT INBOX")
        return (time.perf_counter() - started) * 1000


def select(target: Target) -> float:
    """SELECT and CLOSE."""
    with target.login(target.big) as link:
        clock = _Clock()
        for _ in range(target.scale.singles):
            link.command("SELECT INBOX")
            link.command("CLOSE")
        return clock.rate(target.scale.singles)


def _fetch(target: Target, items: str, passes: int) -> tuple[float, float]:
    """Mails and bytes a second."""
    with target.selected(target.big) as link:
        clock = _Clock()
        size = sum(link.command(f"FETCH 1:* {items}") for _ in range(passes))
        return clock.rate(target.scale.mails * passes), clock.rate(size)


_HEADERS = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"


def fetch_flags(target: Target) -> float:
    """UID and FLAGS of all mails: what every client asks for first."""
    return _fetch(target, "(UID FLAGS)", target.scale.passes * 4)[0]


def fetch_headers_first(target: Target) -> float:
    """Envelopes and structures that nobody has asked for before."""
    return _fetch(target, _HEADERS, 1)[0]


def fetch_headers(target: Target) -> float:
    """The same again."""
    return _fetch(target, _HEADERS, target.scale.passes)[0]


def fetch_bodies(target: Target) -> float:
    """All mails whole, in megabytes a second."""
    return _fetch(target, "(UID BODY.PEEK[])", target.scale.passes)[1] / 1e6


def store_all(target: Target) -> float:
    """A flag set on all mails with one command, then taken away again."""
    with target.selected(target.big) as link:
        clock = _Clock()
        for _ in range(target.scale.passes):
            link.command(r"STORE 1:* +FLAGS.SILENT (\Flagged)")
            link.command(r"STORE 1:* -FLAGS.SILENT (\Flagged)")
        return clock.rate(2 * target.scale.passes * target.scale.mails)


def store_one(target: Target) -> float:
    r"""\Seen on one mail at a time, as a reader does."""
    count = min(target.scale.singles, target.scale.mails)
    with target.selected(target.big) as link:
        clock = _Clock()
        for number in range(1, count + 1):
            link.command(rf"STORE {number} +FLAGS (\Seen)")
        return clock.rate(count)


def _search(target: Target, keys: str, passes: int) -> float:
    with target.selected(target.big) as link:
        clock = _Clock()
        for _ in range(passes):
            found = b"".join(link.answer(f"SEARCH {keys}"))
            if b"* SEARCH " not in found:
                raise BadAnswer(f"SEARCH {keys} found nothing")
        return clock.rate(target.scale.mails * passes)


def search_flags(target: Target) -> float:
    """Mails looked at a second, by flags and size."""
    return _search(target, "UNDELETED LARGER 100", target.scale.passes * 4)


def search_header(target: Target) -> float:
    """Mails looked at a second, by a part of the subject."""
    return _search(target, 'SUBJECT "number 7"', target.scale.passes)


def search_body(target: Target) -> float:
    """Mails looked at a second, by a word in the text."""
    return _search(target, 'BODY "omicron"', 1)


def _seconds_until_told(watcher: ImapLink, sender: LmtpLink, user: str, number: int) -> float:
    started = time.perf_counter()
    sender.deliver(user, make_multipart(number, 1000))
    while b" EXISTS" not in watcher.line():
        pass
    return time.perf_counter() - started


def idle_notify(target: Target) -> float:
    """Milliseconds from the start of a delivery to EXISTS in a session that idles; the median."""
    user = target.users[0]
    with target.selected(user) as watcher, LmtpLink(target.lmtp_port) as sender:
        watcher.idle()
        times = [
            _seconds_until_told(watcher, sender, user, number)
            for number in range(target.scale.notifications)
        ]
        watcher.done()
        return statistics.median(times) * 1000


def idle_memory(target: Target) -> float:
    """KiB of memory (PSS) that one more idle session takes."""
    with ExitStack() as links:

        def add(number: int) -> None:
            user = target.users[number % len(target.users)]
            links.enter_context(target.selected(user)).idle()

        # The first ones start what is started once.
        for number in range(PARALLEL):
            add(number)
        before = memory_kib(target.pid)
        for number in range(target.scale.idlers):
            add(number)
        return (memory_kib(target.pid) - before) / target.scale.idlers


MEASUREMENTS = (
    Measurement("login", "1/s", login),
    Measurement("lmtp", "mails/s", lmtp),
    Measurement("append", "mails/s", append),
    Measurement("select-first", "ms", select_first, less_is_better=True),
    Measurement("select", "1/s", select),
    Measurement("fetch-flags", "mails/s", fetch_flags),
    Measurement("fetch-headers-first", "mails/s", fetch_headers_first),
    Measurement("fetch-headers", "mails/s", fetch_headers),
    Measurement("fetch-bodies", "MB/s", fetch_bodies),
    Measurement("search-flags", "mails/s", search_flags),
    Measurement("search-header", "mails/s", search_header),
    Measurement("search-body", "mails/s", search_body),
    Measurement("store-all", "mails/s", store_all),
    Measurement("store-one", "1/s", store_one),
    Measurement("idle-notify", "ms", idle_notify, less_is_better=True),
    Measurement("idle-memory", "KiB", idle_memory, less_is_better=True),
)
"""In the order in which a round runs them: the first ones fill what the later ones read."""
