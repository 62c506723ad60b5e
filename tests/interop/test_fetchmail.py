"""fetchmail: reads one mailbox and hands what it finds to LMTP, here the same server's."""

from pathlib import Path

from tests.peers.account import Account
from tests.peers.imap_reply import literal, ok
from tests.peers.mails import make_mail
from tests.peers.need import need
from tests.peers.ports import HOST
from tests.peers.process import run

pytestmark = need("fetchmail")

NO_NEW_MAIL = 1


def fetch(account: Account, folder: Path, protocol: str, *options: str) -> tuple[int, str]:
    """Move the account's mail to its Copy mailbox, by LMTP's user+detail; exit status and text."""
    ports, certificate = account.server.ports, account.server.site.certificate
    port = ports.imaps if protocol == "imap" else ports.pop3s
    rc = folder / "fetchmailrc"
    rc.write_text(
        f"poll localhost service {port} protocol {protocol} user {account.user}"
        f" password {account.password} ssl sslcertck sslcertfile {certificate.authority}"
        f" smtphost {HOST}/{account.server.ports.lmtp} lmtp smtpname {account.user}+Copy\n"
    )
    rc.chmod(0o600)
    words: list[str | Path] = ["fetchmail", "-v", "-f", rc, "-i", folder / "ids", *options]
    env = {"HOME": str(folder), "FETCHMAILHOME": str(folder)}
    done = run(words, env=env, check=False)
    return done.returncode, done.stdout + done.stderr


def check_mails_arrive_and_leave(account: Account, folder: Path, protocol: str) -> None:
    account.deliver(make_mail(1), make_mail(2))
    status, text = fetch(account, folder, protocol)
    assert status == 0, text
    client = account.selected("Copy")
    for uid, number in ((1, 1), (2, 2)):
        mail = literal(client, uid)
        assert mail.endswith(make_mail(number).partition(b"\r\n\r\n")[2])
        assert f"Subject: Mail number {number}\r\n".encode() in mail
    assert ok(client.select("INBOX")) == [b"0"]
    assert fetch(account, folder, protocol)[0] == NO_NEW_MAIL


def check_kept_mails_are_fetched_once(account: Account, folder: Path, protocol: str) -> None:
    account.deliver(make_mail(1))
    assert fetch(account, folder, protocol, "--keep", "--uidl")[0] == 0
    assert ok(account.imap().select("INBOX")) == [b"1"]
    assert fetch(account, folder, protocol, "--keep", "--uidl")[0] == NO_NEW_MAIL


def test_imap(account: Account, tmp_path: Path) -> None:
    check_mails_arrive_and_leave(account, tmp_path, "imap")


def test_imap_keep(account: Account, tmp_path: Path) -> None:
    check_kept_mails_are_fetched_once(account, tmp_path, "imap")
    assert account.flags() == {1: {"\\Seen"}}


def test_pop3(pop3_account: Account, tmp_path: Path) -> None:
    check_mails_arrive_and_leave(pop3_account, tmp_path, "pop3")


def test_pop3_keep(pop3_account: Account, tmp_path: Path) -> None:
    check_kept_mails_are_fetched_once(pop3_account, tmp_path, "pop3")
