"""What an admin does to a server that has sessions: reload it, or see it crash."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.account import Account
from tests.peers.certificate import Certificate
from tests.peers.config import ServerConfig, Site
from tests.peers.imap_reply import flags_by_uid, ok
from tests.peers.mails import make_mail
from tests.peers.server import Server
from tests.peers.servers import make_server

USER = "reader"
RELOAD_SECONDS = 10


@pytest.fixture
def own_server(
    server_kind: str, folder: Path, certificate: Certificate, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """A server that the test may do to what it likes."""
    place = folder / f"own-{abs(hash(request.node.nodeid)):x}"
    site = Site.make(place, certificate, [USER])
    with make_server(server_kind, ServerConfig(site=site, folder=place / "server")) as started:
        yield started


@pytest.fixture
def reader(own_server: Server) -> Iterator[Account]:
    account = Account(own_server, USER)
    yield account
    account.close()


def greeting(account: Account) -> bytes:
    client = account.connect()
    try:
        return client.welcome
    finally:
        client.shutdown()


def test_a_reload_changes_settings_and_ends_no_session(own_server: Server, reader: Account) -> None:
    reader.append(make_mail(1))
    client = reader.selected()
    assert b"fresh settings" not in greeting(reader)
    own_server.reload("login_greeting = fresh settings")
    deadline = time.monotonic() + RELOAD_SECONDS
    while b"fresh settings" not in greeting(reader):
        assert time.monotonic() < deadline, "the old greeting is still there"
    reader.deliver(make_mail(2))
    ok(client.noop())
    assert list(flags_by_uid(client)) == [1, 2]


def test_what_was_acknowledged_outlives_a_crash(own_server: Server, reader: Account) -> None:
    reader.deliver(*map(make_mail, range(5)))
    reader.append(make_mail(5), flags=r"(\Seen Label)")
    client = reader.selected()
    ok(client.uid("STORE", "2", "+FLAGS", r"(\Flagged)"))
    ok(client.uid("STORE", "3", "+FLAGS", r"(\Deleted)"))
    ok(client.uid("EXPUNGE", "3"))
    before = reader.snapshot()
    own_server.kill()
    own_server.start()
    assert reader.snapshot() == before
    reader.deliver(make_mail(6))
    assert list(reader.flags()) == [1, 2, 4, 5, 6, 7]
