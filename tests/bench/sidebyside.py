"""Two servers, one configuration text, the same load in turn: `python -m tests.bench.sidebyside`.

The servers take turns at every step (A B, B A, A B ...), as the speed of a machine wanders; what
counts is the ratio in one run, not a figure.
"""

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.bench.bench_config import FORMS, BenchConfig, all_users, fill_maildir, users_of_round
from tests.bench.load import FULL, MEASUREMENTS, QUICK, Figure, Measurement, Scale, Target, measure
from tests.bench.table import Row, make_row, render
from tests.peers.certificate import Certificate, make_certificate
from tests.peers.config import PASSWORD, Site
from tests.peers.need import PEERS
from tests.peers.process import PeerFailed, run
from tests.peers.server import Server
from tests.peers.servers import KINDS, make_server

RESULTS = Path("bench-results")
BOUND_SECONDS = 1800.0
"""No new round is begun after this."""

_MAILBENCH_STEPS = (
    "login --conns 8 --secs 3",
    "fetch-flags",
    "fetch-headers",
    "fetch-bodies",
    "search",
    "select",
)


@dataclass(slots=True)
class Contestant:
    """One server of the run with what has been measured of it."""

    label: str
    server: Server
    figures: list[Figure] = field(default_factory=list[Figure])
    cross_check: list[object] = field(default_factory=list[object])

    def target(self, round_number: int, scale: Scale) -> Target:
        """The load's view of it in one round."""
        big, users = users_of_round(round_number)
        ports, pid = self.server.ports, self.server.process.pid
        return Target(ports.imap, ports.lmtp, pid, PASSWORD, big, users, scale)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="sidebyside", description=__doc__)
    add = parser.add_argument
    add("--servers", default="dovecot,culver", help=f"of {', '.join(KINDS)}; one may come twice")
    add("--form", default="default", choices=FORMS, help="of the configuration")
    add("--quick", action="store_true", help="small mailboxes, three rounds, under two minutes")
    add("--rounds", type=int, help="repetitions of every step (quick: 3, otherwise 5)")
    add("--only", default="", help="comma-separated names of steps")
    add(
        "--mailbench",
        type=Path,
        help="path of mailbench.py: a cross-check for the JSON file",
    )
    add("--out", type=Path, default=RESULTS, help="folder for the figures in JSON")
    return parser.parse_args(arguments)


def chosen(only: str) -> list[Measurement]:
    """The steps to run; SystemExit, with the allowed names, for an unknown one."""
    names = [name for name in only.split(",") if name]
    known = {measurement.name: measurement for measurement in MEASUREMENTS}
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"--only: {', '.join(unknown)}: allowed are {', '.join(known)}")
    return [known[name] for name in known if not names or name in names]


def labels(servers: str) -> dict[str, str]:
    """Kinds by label; a kind that comes again is numbered.  SystemExit where one is not there."""
    found: dict[str, str] = {}
    for kind in servers.split(","):
        if kind not in KINDS:
            sys.exit(f"--servers: {kind}: allowed are {', '.join(KINDS)}")
        if not PEERS[kind].present():
            sys.exit(f"{kind} is not there: nothing to measure")
        again = sum(other == kind for other in found.values())
        found[f"{kind}-{again + 1}" if again else kind] = kind
    return found


def make_contestant(
    label: str, kind: str, top: Path, certificate: Certificate, form: str, rounds: int
) -> Contestant:
    """A server with a site of its own, not started."""
    site = Site.make(top / label, certificate, all_users(rounds))
    config = BenchConfig(site=site, folder=top / label / "server", form=form)
    return Contestant(label, make_server(kind, config))


def run_round(
    contestants: Sequence[Contestant], number: int, scale: Scale, steps: Sequence[Measurement]
) -> None:
    """Every step once for every server, the first one to go changing from round to round."""
    big, _users = users_of_round(number)
    for contestant in contestants:
        fill_maildir(contestant.server.site, big, scale.mails)
    order = contestants if number % 2 == 0 else contestants[::-1]
    for step in steps:
        for contestant in order:
            contestant.figures.append(measure(step, contestant.target(number, scale)))


def cross_check(script: Path, contestant: Contestant) -> Iterator[object]:
    """What another load generator says of the same server and the same mailbox."""
    server = contestant.server
    common = f"--port {server.ports.imap} --users big0 --password {PASSWORD}"
    more = f"--server-pid {server.process.pid} --label {contestant.label}"
    for step in _MAILBENCH_STEPS:
        words = f"{step} {common} {more}".split()
        try:
            yield json.loads(run([sys.executable, script, *words], seconds=120).stdout)
        except PeerFailed as failure:
            yield {"step": step, "error": str(failure)}


def write_results(
    folder: Path, args: argparse.Namespace, rows: Sequence[Row], contestants: Sequence[Contestant]
) -> Path:
    """All figures and their medians; the file's path."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / time.strftime("sidebyside-%Y%m%d-%H%M%S.json")
    content = {
        "form": args.form,
        "quick": args.quick,
        "python": platform.python_version(),
        "rows": [{**asdict(row), "ratio": row.ratio} for row in rows],
        "figures": {each.label: [asdict(one) for one in each.figures] for each in contestants},
        "mailbench": {each.label: each.cross_check for each in contestants},
    }
    file.write_text(json.dumps(content, indent=1))
    return file


def compare(args: argparse.Namespace, top: Path) -> list[Contestant]:
    """Start the servers, run the rounds, end the servers."""
    scale, rounds = (QUICK if args.quick else FULL), args.rounds or (3 if args.quick else 5)
    certificate, steps = make_certificate(top / "tls"), chosen(args.only)
    contestants = [
        make_contestant(label, kind, top, certificate, args.form, rounds)
        for label, kind in labels(args.servers).items()
    ]
    end = time.monotonic() + BOUND_SECONDS
    with ExitStack() as running:
        for contestant in contestants:
            running.enter_context(contestant.server)
        for number in range(rounds):
            if number and time.monotonic() > end:
                sys.stderr.write(f"out of time after {number} of {rounds} rounds\n")
                break
            run_round(contestants, number, scale, steps)
            sys.stderr.write(f"round {number + 1} of {rounds} done\n")
        if args.mailbench:
            for contestant in contestants:
                contestant.cross_check.extend(cross_check(args.mailbench, contestant))
    return contestants


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, write the figures."""
    args = parse(arguments)
    with tempfile.TemporaryDirectory(prefix="culver-bench-") as name:
        Path(name).chmod(0o755)
        contestants = compare(args, Path(name))
    figures = {contestant.label: contestant.figures for contestant in contestants}
    rows = [make_row(step, figures) for step in chosen(args.only)]
    sys.stdout.write(render(rows, list(figures)))
    sys.stdout.write(f"{write_results(args.out, args, rows, contestants)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
