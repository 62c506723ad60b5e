"""getmail6: fetches, and remembers by UIDVALIDITY and UID (IMAP) or UIDL (POP3)."""

import mailbox
import tempfile
from pathlib import Path

import pytest
from tests.peers.account import Account
from tests.peers.imap_reply import ok
from tests.peers.mails import make_mail
from tests.peers.need import need
from tests.peers.ports import HOST
from tests.peers.process import run

pytestmark = need("getmail")


class Getmail:
    """One retriever into one Maildir."""

    def __init__(self, account: Account, folder: Path, protocol: str, delete: bool = False) -> None:
        site, ports = account.server.site, account.server.ports
        self.maildir = mailbox.Maildir(folder / "mail")
        self.folder = folder
        # As root it delivers only in the name of another user, who has to be able to write there.
        site.owner.own(folder)
        user = "" if site.owner.rootless else f"user = {site.owner.user}\n"
        (folder / "getmailrc").write_text(
            f"[retriever]\ntype = Simple{protocol}Retriever\nserver = {HOST}\n"
            f"port = {ports.imap if protocol == 'IMAP' else ports.pop3}\n"
            f"username = {account.user}\npassword = {account.password}\n"
            f"[destination]\ntype = Maildir\npath = {folder}/mail/\n{user}"
            f"[options]\nread_all = false\ndelete = {str(delete).lower()}\n"
            f"delivered_to = false\nreceived = false\n"
        )

    def fetch(self) -> list[str]:
        """Run once; the subjects of all mails fetched so far."""
        run(["getmail", "--getmaildir", self.folder, "--rcfile", self.folder / "getmailrc"])
        return sorted(str(mail["Subject"]) for mail in self.maildir)


@pytest.fixture
def place(folder: Path) -> Path:
    """A new folder that other users can reach."""
    made = Path(tempfile.mkdtemp(dir=folder))
    made.chmod(0o755)
    return made


def check_each_mail_is_fetched_once(account: Account, getmail: Getmail) -> None:
    account.deliver(make_mail(1), make_mail(2))
    assert getmail.fetch() == ["Mail number 1", "Mail number 2"]
    account.deliver(make_mail(3))
    assert getmail.fetch() == ["Mail number 1", "Mail number 2", "Mail number 3"]
    assert getmail.fetch() == ["Mail number 1", "Mail number 2", "Mail number 3"]


def check_what_it_deletes_is_gone(account: Account, getmail: Getmail) -> None:
    account.deliver(make_mail(1))
    assert getmail.fetch() == ["Mail number 1"]
    assert ok(account.imap().select()) == [b"0"]


def test_imap(account: Account, place: Path) -> None:
    check_each_mail_is_fetched_once(account, Getmail(account, place, "IMAP"))


def test_imap_delete(account: Account, place: Path) -> None:
    check_what_it_deletes_is_gone(account, Getmail(account, place, "IMAP", delete=True))


def test_pop3(pop3_account: Account, place: Path) -> None:
    check_each_mail_is_fetched_once(pop3_account, Getmail(pop3_account, place, "POP3"))


def test_pop3_delete(pop3_account: Account, place: Path) -> None:
    getmail = Getmail(pop3_account, place, "POP3", delete=True)
    check_what_it_deletes_is_gone(pop3_account, getmail)
