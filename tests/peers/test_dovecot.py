"""Debian's Dovecot from the tests' configuration: the oracle has to be sound itself."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.account import Account
from tests.peers.certificate import make_certificate
from tests.peers.config import ServerConfig, Site
from tests.peers.dovecot import Dovecot
from tests.peers.imap_reply import literal
from tests.peers.mails import make_mail
from tests.peers.need import need
from tests.peers.owner import Owner
from tests.peers.process import PeerFailed

pytestmark = [need("dovecot", "dovecot-lmtp"), pytest.mark.interop]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that a server's unprivileged processes can reach."""
    with tempfile.TemporaryDirectory(prefix="culver-peers-") as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.mark.parametrize(
    "location",
    ["maildir:~/Maildir", "sdbox:~/sdbox", "mdbox:~/mdbox", "mbox:~/mail:INBOX=~/inbox"],
)
def test_every_format_takes_a_mail(place: Path, location: str) -> None:
    site = Site.make(place / "site", make_certificate(place), ["alice"], location)
    with Dovecot(ServerConfig(site=site, folder=place / "server")) as server:
        account = Account(server, "alice")
        account.deliver(make_mail(1))
        assert literal(account.selected(), 1).endswith(make_mail(1).partition(b"\r\n\r\n")[2])
        assert "messages=1" in server.doveadm("mailbox", "status", "-u", "alice", "all", "INBOX")
        account.close()
    assert server.complaints() == []
    assert (site.mail / "alice").stat().st_uid == Owner.of_mail().uid


def test_the_configuration_is_what_it_understands(place: Path) -> None:
    site = Site.make(place / "site", make_certificate(place), ["alice"])
    config = ServerConfig(site=site, folder=place / "server", extra="mail_debug = yes")
    with Dovecot(config) as server:
        assert f"port = {config.ports.imaps}" in server.doveconf("-n", "service/imap-login")
        assert server.doveconf("-h", "mail_debug").strip() == "yes"


def test_a_mistake_in_the_configuration_is_reported(place: Path) -> None:
    site = Site.make(place / "site", make_certificate(place), ["alice"])
    config = ServerConfig(site=site, folder=place / "server", extra="no_such_setting = 1")
    with pytest.raises(PeerFailed, match="Unknown setting: no_such_setting"):
        Dovecot(config).start()


def test_complaints_are_seen(place: Path) -> None:
    site = Site.make(place / "site", make_certificate(place), ["alice"])
    with Dovecot(ServerConfig(site=site, folder=place / "server")) as server:
        account = Account(server, "alice")
        account.append(make_mail(1))
        account.close()
        index = site.mail / "alice" / "Maildir" / "dovecot-uidlist"
        index.write_text("garbage\n")
        account.selected()
        account.close()
        assert any("dovecot-uidlist" in line for line in server.complaints())
