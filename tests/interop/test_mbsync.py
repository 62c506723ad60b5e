"""mbsync (isync): UIDs as the memory of what has been transferred, both ways."""

import mailbox
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.peers.account import Account
from tests.peers.certificate import NAME
from tests.peers.imap_reply import ok
from tests.peers.mails import make_mail
from tests.peers.need import need
from tests.peers.process import run

pytestmark = need("mbsync")

_COMMAND = re.compile(r">>> \d+ ([^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Transfers:
    """Commands of one run that carry mails or flags."""

    uploaded: int = 0
    downloaded: int = 0
    flagged: int = 0


@dataclass(frozen=True, slots=True)
class Mbsync:
    """One channel between an account and a folder of Maildirs."""

    config: Path
    near: Path

    @classmethod
    def of(cls, account: Account, folder: Path, tls: bool) -> "Mbsync":
        near = folder / "near"
        near.mkdir()
        ports, certificate = account.server.ports, account.server.site.certificate
        port, kind = (ports.imaps, "IMAPS") if tls else (ports.imap, "None")
        config = folder / "mbsyncrc"
        config.write_text(
            f"IMAPStore far\nHost {NAME}\nPort {port}\nUser {account.user}\n"
            f"Pass {account.password}\nSSLType {kind}\n"
            f"CertificateFile {certificate.authority}\n\n"
            f"MaildirStore near\nPath {near}/\nInbox {near}/INBOX\nSubFolders Verbatim\n\n"
            f"Channel all\nFar :far:\nNear :near:\nPatterns *\nSync All\nCreate Both\n"
            f"Expunge Both\nSyncState *\nCopyArrivalDate yes\n"
        )
        return cls(config, near)

    def sync(self) -> Transfers:
        """Run once, and count by what mbsync says it sends to the server."""
        printed = run(["mbsync", "-D", "-c", self.config, "-a"]).stdout
        commands = _COMMAND.findall(printed)
        assert commands, printed
        return Transfers(
            uploaded=sum(command.startswith("APPEND") for command in commands),
            downloaded=sum("BODY.PEEK[]" in command for command in commands),
            flagged=sum(command.startswith("UID STORE") for command in commands),
        )

    def open(self, name: str = "INBOX") -> mailbox.Maildir:
        return mailbox.Maildir(self.near / name, create=False)


@pytest.fixture(params=[False, True], ids=["cleartext", "tls"])
def mbsync(account: Account, tmp_path: Path, request: pytest.FixtureRequest) -> Mbsync:
    return Mbsync.of(account, tmp_path, bool(request.param))


NOTHING = Transfers()


def test_both_directions_and_a_second_run_with_nothing_to_do(
    account: Account, mbsync: Mbsync
) -> None:
    client = account.imap()
    ok(client.create("Lists/Far"))
    account.append(make_mail(1), make_mail(2), flags=r"(\Seen)")
    account.append(make_mail(3), mailbox="Lists/Far", flags=r"(\Flagged)")
    assert mbsync.sync() == Transfers(downloaded=3)
    assert mbsync.sync() == NOTHING

    inbox = mbsync.open()
    assert sorted(str(mail["Subject"]) for mail in inbox) == ["Mail number 1", "Mail number 2"]
    assert [mail.get_flags() for mail in mbsync.open("Lists/Far")] == ["F"]
    inbox.add(make_mail(4).replace(b"\r\n", b"\n"))
    account.append(make_mail(5))
    assert mbsync.sync() == Transfers(uploaded=1, downloaded=1)
    assert mbsync.sync() == NOTHING
    assert account.flags() == {1: {"\\Seen"}, 2: {"\\Seen"}, 3: set(), 4: set()}


def test_flags_and_deletions_go_both_ways(account: Account, mbsync: Mbsync) -> None:
    account.append(*map(make_mail, range(1, 5)))
    mbsync.sync()
    inbox = mbsync.open()
    keys = {str(mail["Subject"])[-1]: key for key, mail in inbox.items()}
    _set_flags(inbox, keys["1"], "FS")
    inbox.remove(keys["2"])
    client = account.selected()
    ok(client.uid("STORE", "3", "+FLAGS", r"(\Answered)"))
    ok(client.uid("STORE", "4", "+FLAGS", r"(\Deleted)"))
    ok(client.expunge())
    # Expunged on one side is, on the other, first marked (#), then gone.
    mbsync.sync()
    assert mbsync.sync() == NOTHING
    assert account.flags() == {1: {"\\Flagged", "\\Seen"}, 3: {"\\Answered"}}
    left = mbsync.open()
    assert {str(mail["Subject"])[-1]: mail.get_flags() for mail in left} == {"1": "FS", "3": "R"}


def _set_flags(box: mailbox.Maildir, key: str, flags: str) -> None:
    mail = box.get_message(key)
    mail.set_subdir("cur")
    mail.set_flags(flags)
    box[key] = mail
