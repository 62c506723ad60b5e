"""One Maildir tree, two servers: written by one, read by the other, in turn and at once.

Debian's Dovecot is one of the two in every test and the oracle of what the tree means; the other
is the one that `--servers` names.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.peers.account import Account
from tests.peers.certificate import Certificate
from tests.peers.config import ServerConfig, Site
from tests.peers.imap_reply import flags_by_uid, ok
from tests.peers.mails import make_mail
from tests.peers.need import need
from tests.peers.server import Server
from tests.peers.servers import make_server

pytestmark = need("dovecot", "dovecot-lmtp")

USER = "reader"


class Pair:
    """Dovecot and the server under test over one tree, neither of them started."""

    def __init__(self, kind: str, folder: Path, certificate: Certificate) -> None:
        self.site = Site.make(folder, certificate, [USER])
        self.oracle = self._server("dovecot", folder / "oracle")
        self.subject = self._server(kind, folder / "subject")

    def _server(self, kind: str, folder: Path) -> Server:
        return make_server(kind, ServerConfig(site=self.site, folder=folder))

    def stop(self) -> None:
        for server in (self.oracle, self.subject):
            server.stop()

    def complaints(self) -> list[str]:
        return self.oracle.complaints() + self.subject.complaints()

    def in_order(self, first: str) -> tuple[Server, Server]:
        """Both, the one that writes first in front."""
        if first == "oracle":
            return self.oracle, self.subject
        return self.subject, self.oracle

    def file_names(self) -> set[str]:
        """All mails' base names: neither server may rename more than the flags."""
        home = self.site.mail / USER / "Maildir"
        found = [*home.glob("**/cur/*"), *home.glob("**/new/*")]
        return {file.name.partition(":")[0] for file in found}


@pytest.fixture
def pair(
    server_kind: str, folder: Path, certificate: Certificate, request: pytest.FixtureRequest
) -> Iterator[Pair]:
    made = Pair(server_kind, folder / f"pair-{abs(hash(request.node.nodeid)):x}", certificate)
    yield made
    made.stop()
    assert made.complaints() == []


def fill(account: Account) -> None:
    """A bit of everything that a tree can hold."""
    client = account.imap()
    for name in ("Archive", "Archive/2026", "&AOk-t&AOk-", "Empty"):
        ok(client.create(name))
    for name in ("Archive/2026", "Empty"):
        ok(client.subscribe(name))
    account.deliver(*map(make_mail, range(3)))
    dated = '"05-Feb-2026 06:07:08 +0000"'
    ok(client.append("INBOX", r"(\Seen \Answered Label $Forwarded)", dated, make_mail(3)))
    ok(client.append("Archive/2026", r"(\Flagged \Draft Label)", dated, make_mail(4)))
    ok(client.append("&AOk-t&AOk-", "", dated, make_mail(5)))
    ok(client.select("INBOX"))
    ok(client.uid("STORE", "2", "+FLAGS", r"(\Deleted)"))
    ok(client.expunge())
    ok(client.uid("STORE", "3", "+FLAGS", "(NonJunk $MDNSent)"))
    ok(client.uid("COPY", "3", "Archive"))
    client.logout()


@pytest.mark.parametrize("first", ["oracle", "subject"])
def test_what_one_wrote_the_other_reads(pair: Pair, first: str) -> None:
    writer, reader = pair.in_order(first)
    with writer:
        fill(Account(writer, USER))
        written = Account(writer, USER).snapshot()
    names = pair.file_names()
    with reader:
        assert Account(reader, USER).snapshot() == written
    assert pair.file_names() == names
    assert list(written.mailboxes["INBOX"].mails) == [1, 3, 4]
    assert written.subscriptions == {"Archive/2026", "Empty"}
    assert written.mailboxes["INBOX"].mails[3].flags == {"NonJunk", "$MDNSent"}


@pytest.mark.parametrize("first", ["oracle", "subject"])
def test_without_its_indexes_a_tree_keeps_what_maildir_itself_holds(pair: Pair, first: str) -> None:
    """UIDs are in dovecot-uidlist, flags in the names, keywords' names in dovecot-keywords."""
    writer, reader = pair.in_order(first)
    with writer:
        fill(Account(writer, USER))
        written = Account(writer, USER).snapshot()
    for file in (pair.site.mail / USER).rglob("dovecot*index*"):
        file.unlink()
    with reader:
        assert Account(reader, USER).snapshot() == written


@pytest.mark.parametrize("first", ["oracle", "subject"])
def test_in_turn(pair: Pair, first: str) -> None:
    """Each server in turn delivers, flags, expunges and moves, and finds what the last one left."""
    servers = pair.in_order(first)
    with servers[0]:
        fill(Account(servers[0], USER))
        state = Account(servers[0], USER).snapshot()
    for turn, server in enumerate((servers[1], servers[0], servers[1])):
        account = Account(server, USER)
        with server:
            assert account.snapshot() == state
            change(account, turn)
            after = account.snapshot()
        inbox = after.mailboxes["INBOX"]
        assert inbox.uid_validity == state.mailboxes["INBOX"].uid_validity
        assert inbox.uid_next == state.mailboxes["INBOX"].uid_next + 2
        state = after


def change(account: Account, turn: int) -> None:
    """Two new mails, a flag that comes, one that goes, a mail moved, one expunged."""
    account.deliver(make_mail(100 + turn), make_mail(200 + turn))
    client = account.selected()
    uids = sorted(flags_by_uid(client))
    ok(client.uid("STORE", str(uids[0]), "+FLAGS", rf"(\Seen Turn{turn})"))
    ok(client.uid("STORE", str(uids[0]), "-FLAGS", f"(Turn{turn - 1})"))
    ok(client.uid("MOVE", str(uids[-1]), "Archive"))
    ok(client.uid("STORE", str(uids[-2]), "+FLAGS", r"(\Deleted)"))
    ok(client.uid("EXPUNGE", str(uids[-2])))
    ok(client.create(f"Turn{turn}"))
    ok(client.subscribe(f"Turn{turn}"))
    client.logout()


def test_both_at_once_step_by_step(pair: Pair) -> None:
    """A session on either side, and each sees at its next NOOP what the other did."""
    with pair.oracle, pair.subject:
        accounts = [Account(server, USER) for server in (pair.oracle, pair.subject)]
        left, right = [account.selected() for account in accounts]
        steps: list[tuple[Callable[[], object], dict[int, frozenset[str]]]] = [
            (lambda: accounts[0].deliver(make_mail(1)), _flags({1: ""})),
            (lambda: accounts[1].deliver(make_mail(2)), _flags({1: "", 2: ""})),
            (
                lambda: ok(left.uid("STORE", "2", "+FLAGS", r"(\Seen One)")),
                _flags({1: "", 2: r"\Seen One"}),
            ),
            (
                lambda: ok(right.uid("STORE", "1:2", "+FLAGS", r"(\Flagged Two)")),
                _flags({1: r"\Flagged Two", 2: r"\Seen One \Flagged Two"}),
            ),
            (
                lambda: ok(left.uid("STORE", "2", "-FLAGS", r"(\Seen Two)")),
                _flags({1: r"\Flagged Two", 2: r"One \Flagged"}),
            ),
            (
                lambda: ok(right.uid("STORE", "1", "FLAGS", r"(\Deleted)")),
                _flags({1: r"\Deleted", 2: r"One \Flagged"}),
            ),
            (lambda: ok(left.expunge()), _flags({2: r"One \Flagged"})),
            (lambda: accounts[1].append(make_mail(3)), _flags({2: r"One \Flagged", 3: ""})),
        ]
        for act, expected in steps:
            act()
            for client in (left, right):
                ok(client.noop())
                assert flags_by_uid(client) == expected
        assert accounts[0].snapshot() == accounts[1].snapshot()
        for account in accounts:
            account.close()


def _flags(words: dict[int, str]) -> dict[int, frozenset[str]]:
    return {uid: frozenset(flags.split()) for uid, flags in words.items()}


def test_both_at_once_all_at_the_same_time(pair: Pair) -> None:
    """Deliveries and flags from both sides without order: nothing is lost, no UID given twice."""
    count = 40
    with pair.oracle, pair.subject:
        accounts = [Account(server, USER) for server in (pair.oracle, pair.subject)]
        accounts[0].append(*map(make_mail, range(10)))

        def deliver(number: int) -> None:
            accounts[number % 2].deliver(make_mail(1000 + number))

        def flag(number: int) -> None:
            client = pair.in_order("oracle")[number % 2].imap(USER)
            ok(client.select())
            ok(client.uid("STORE", f"{number % 10 + 1}", "+FLAGS", f"(K{number % 4})"))
            client.logout()

        with ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(job, number) for number in range(count) for job in (deliver, flag)]
            for job in jobs:
                job.result()
        states = [account.snapshot() for account in accounts]
        assert states[0] == states[1]
        mails = states[0].mailboxes["INBOX"].mails
        assert list(mails) == list(range(1, 11 + count))
        expected = {
            uid: {f"K{n % 4}" for n in range(count) if n % 10 == uid - 1} for uid in range(1, 11)
        }
        assert {uid: mails[uid].flags for uid in range(1, 11)} == expected
        assert len(pair.file_names()) == 10 + count
