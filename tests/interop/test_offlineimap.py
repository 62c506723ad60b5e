"""offlineimap: its own cache of UIDs and flags, imaplib2 below it."""

import mailbox
from pathlib import Path

import pytest
from tests.peers.account import Account
from tests.peers.certificate import NAME
from tests.peers.imap_reply import ok
from tests.peers.mails import make_mail
from tests.peers.need import need
from tests.peers.process import run

pytestmark = need("offlineimap")


@pytest.fixture
def rc(account: Account, tmp_path: Path) -> Path:
    """A configuration that pairs the account with the Maildirs below `mail`."""
    ports, certificate = account.server.ports, account.server.site.certificate
    rc = tmp_path / "offlineimaprc"
    rc.write_text(
        f"[general]\naccounts = test\nmetadata = {tmp_path}/metadata\nmaxsyncaccounts = 1\n"
        f"[Account test]\nlocalrepository = near\nremoterepository = far\n"
        f"[Repository near]\ntype = Maildir\nlocalfolders = {tmp_path}/mail\nsep = /\n"
        f"[Repository far]\ntype = IMAP\nremotehost = {NAME}\nremoteport = {ports.imaps}\n"
        f"remoteuser = {account.user}\nremotepass = {account.password}\n"
        f"ssl = yes\nsslcacertfile = {certificate.authority}\n"
    )
    return rc


def sync(rc: Path) -> str:
    """Run once; what it says it did."""
    done = run(["offlineimap", "-c", rc, "-o", "-u", "basic"], env={"HOME": str(rc.parent)})
    assert "ERROR" not in done.stdout + done.stderr
    return done.stdout + done.stderr


def test_both_directions_and_a_second_run_with_nothing_to_do(account: Account, rc: Path) -> None:
    ok(account.imap().create("Lists"))
    account.append(make_mail(1), flags=r"(\Seen \Flagged)")
    account.append(make_mail(2), mailbox="Lists")
    assert "Copy message" in sync(rc)
    inbox = mailbox.Maildir(rc.parent / "mail" / "INBOX", create=False)
    assert [mail.get_flags() for mail in inbox] == ["FS"]
    assert len(mailbox.Maildir(rc.parent / "mail" / "Lists", create=False)) == 1

    inbox.add(make_mail(3).replace(b"\r\n", b"\n"))
    ok(account.selected().store("1", "+FLAGS", r"(\Answered)"))
    sync(rc)
    assert account.flags() == {1: {"\\Seen", "\\Flagged", "\\Answered"}, 2: set()}
    assert sorted(mail.get_flags() for mail in inbox) == ["", "FRS"]
    assert "Copy message" not in sync(rc)


def test_a_deletion_here_expunges_there(account: Account, rc: Path) -> None:
    account.append(make_mail(1), make_mail(2))
    sync(rc)
    inbox = mailbox.Maildir(rc.parent / "mail" / "INBOX", create=False)
    inbox.remove(next(key for key, mail in inbox.items() if mail["Subject"] == "Mail number 1"))
    sync(rc)
    assert list(account.flags()) == [2]
