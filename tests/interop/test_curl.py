"""curl's IMAP: RFC 5092 addresses, APPEND by upload, any other command by -X."""

from pathlib import Path

import pytest
from tests.peers.account import Account
from tests.peers.mails import make_mail, make_multipart
from tests.peers.need import need
from tests.peers.ports import HOST
from tests.peers.process import PeerFailed, run

pytestmark = need("curl")

LOGIN_DENIED = 67


def curl(account: Account, path: str, *options: str | Path, scheme: str = "imap") -> str:
    ports = account.server.ports
    port = ports.imaps if scheme == "imaps" else ports.imap
    user = f"{account.user}:{account.password}"
    authority = account.server.site.certificate.authority
    address = f"{scheme}://{HOST}:{port}/{path}"
    return run(["curl", "-sS", "--cacert", authority, "-u", user, *options, address]).stdout


def test_list_names_the_inbox(account: Account) -> None:
    assert "INBOX" in curl(account, "")


@pytest.mark.parametrize("mail", [make_mail(1), make_multipart(2), b"no header at all\r\n"])
def test_an_uploaded_mail_comes_back_unchanged(
    account: Account, tmp_path: Path, mail: bytes
) -> None:
    upload = tmp_path / "mail"
    upload.write_bytes(mail)
    curl(account, "INBOX", "-T", upload)
    download = tmp_path / "again"
    curl(account, "INBOX;UID=1", "-o", download)
    assert download.read_bytes() == mail


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_tls_reads_what_cleartext_reads(account: Account, scheme: str) -> None:
    account.append(make_mail(1))
    options = ["--ssl-reqd"]
    assert "Subject: Mail number 1" in curl(account, "INBOX;UID=1", *options, scheme=scheme)


def test_a_section_is_only_that_section(account: Account) -> None:
    account.append(make_mail(3))
    header = curl(account, "INBOX;UID=1;SECTION=HEADER.FIELDS%20(SUBJECT)")
    assert header.strip() == "Subject: Mail number 3"


def test_search_store_and_expunge(account: Account) -> None:
    account.append(make_mail(1), make_mail(2), make_mail(3))
    assert curl(account, "INBOX?SUBJECT%20%22number%202%22").split() == ["*", "SEARCH", "2"]
    answer = curl(account, "INBOX", "-X", r"STORE 2 +FLAGS (\Deleted $Junk)")
    assert r"\Deleted" in answer
    assert "$Junk" in answer
    assert curl(account, "INBOX", "-X", "EXPUNGE").startswith("* 2 EXPUNGE")
    assert list(account.flags()) == [1, 3]


def test_a_mailbox_is_made_and_selected(account: Account) -> None:
    curl(account, "", "-X", "CREATE Archive/2026")
    assert "* 0 EXISTS" in curl(account, "Archive%2F2026", "-X", "EXAMINE Archive/2026")


def test_a_wrong_password_is_refused(account: Account) -> None:
    with pytest.raises(PeerFailed, match=f"ended with {LOGIN_DENIED}"):
        curl(account, "", "-u", f"{account.user}:wrong")
    assert "INBOX" in curl(account, "")
