"""Servers, and a user of their own for every test."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.account import Account
from tests.peers.certificate import Certificate, make_certificate
from tests.peers.config import ServerConfig, Site
from tests.peers.need import require
from tests.peers.server import Server
from tests.peers.servers import make_server

USERS = [f"user{number:03d}" for number in range(400)]

_next_user = itertools.cycle(USERS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything beside this file is an interop test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.interop)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that a server's unprivileged processes can reach; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="culver-interop-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="session")
def certificate(folder: Path) -> Certificate:
    """One for all servers."""
    return make_certificate(folder / "tls")


@pytest.fixture(scope="session")
def server(server_kind: str, folder: Path, certificate: Certificate) -> Iterator[Server]:
    """IMAP and LMTP over Maildir, the same server for all tests."""
    site = Site.make(folder / server_kind, certificate, USERS)
    config = ServerConfig(site=site, folder=folder / server_kind / "server")
    with make_server(server_kind, config) as started:
        yield started


@pytest.fixture(scope="session")
def pop3_server(server_kind: str, folder: Path, certificate: Certificate) -> Iterator[Server]:
    """As `server`, with POP3."""
    if server_kind == "dovecot":
        require("dovecot-pop3")
    place = folder / f"{server_kind}-pop3"
    site = Site.make(place, certificate, USERS)
    config = ServerConfig(site=site, folder=place / "server", protocols=("imap", "lmtp", "pop3"))
    with make_server(server_kind, config) as started:
        yield started


def _account(server: Server) -> Iterator[Account]:
    before = len(server.complaints())
    account = Account(server, next(_next_user))
    yield account
    account.close()
    assert server.complaints()[before:] == []


@pytest.fixture
def account(server: Server) -> Iterator[Account]:
    """A user nobody has used; the test fails where the server logged a warning meanwhile."""
    yield from _account(server)


@pytest.fixture
def pop3_account(pop3_server: Server) -> Iterator[Account]:
    """As `account`, of the server with POP3."""
    yield from _account(pop3_server)
