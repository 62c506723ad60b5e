"""swaks over LMTP (RFC 2033): envelopes, replies for each recipient, extensions."""

import re
from pathlib import Path

import pytest
from tests.peers.account import Account
from tests.peers.imap_reply import literal, ok
from tests.peers.mails import make_mail
from tests.peers.need import need
from tests.peers.ports import HOST
from tests.peers.process import run

pytestmark = need("swaks")


class Swaks:
    """A mail to be sent, and what came of it."""

    def __init__(self, account: Account, folder: Path) -> None:
        self._mail = folder / "mail"
        self._port = account.server.ports.lmtp

    def send(self, mail: bytes, *recipients: str, options: tuple[str, ...] = ()) -> str:
        """The dialogue as swaks shows it: `->`, `<-`, `<**` for a refusal, `~>` under TLS."""
        self._mail.write_bytes(mail)
        words = ["swaks", "--protocol", "LMTP", "--server", HOST, "--port", str(self._port)]
        words += ["--from", "sender@example.com", "--to", ",".join(recipients)]
        words += ["--data", f"@{self._mail}", "--no-data-fixup", *options]
        return run(words, check=False).stdout


@pytest.fixture
def swaks(account: Account, tmp_path: Path) -> Swaks:
    return Swaks(account, tmp_path)


def replies(dialogue: str, code: str) -> list[str]:
    """The server's lines that begin with a reply code."""
    return re.findall(rf"^<(?:~|-|\*\*|~\*) *({code}[ -].*)$", dialogue, re.MULTILINE)


def as_data(mail: bytes) -> bytes:
    """The mail as swaks wants it when told to change nothing: dot-stuffed, with the last dot."""
    return re.sub(rb"^\.", b"..", mail, flags=re.MULTILINE) + b"."


def test_the_mail_and_its_trace_headers(account: Account, swaks: Swaks) -> None:
    mail = make_mail(1).replace(b"\r\n\r\n", b"\r\n\r\n.a line with a dot\r\n", 1)
    dialogue = swaks.send(as_data(mail), account.user)
    assert len(replies(dialogue, "250")) >= 4
    got = literal(account.selected(), 1)
    assert got.endswith(mail)
    added = got[: -len(mail)]
    assert added.startswith(b"Return-Path: <sender@example.com>\r\n")
    assert b"\r\nReceived: from " in added
    assert b" LMTP id " in re.sub(rb"\s+", b" ", added)


def test_each_recipient_has_a_reply_of_its_own(account: Account, swaks: Swaks) -> None:
    detail = f"{account.user}+Box"
    dialogue = swaks.send(as_data(make_mail(1)), account.user, "nobody-knows", detail)
    (refused,) = replies(dialogue, "550")
    assert re.match(r"550 5\.1\.1 <nobody-knows> User doesn't exist", refused)
    stored = replies(dialogue, "250 2.0.0")
    assert [re.search(r"<(.*?)>", line)[1] for line in stored if "Saved" in line] == [  # type: ignore[index]
        account.user,
        detail,
    ]
    assert list(account.flags("Box")) == list(account.flags("INBOX")) == [1]


def test_only_unknown_recipients(account: Account, swaks: Swaks) -> None:
    dialogue = swaks.send(as_data(make_mail(1)), "nobody-knows", "nor-this-one")
    assert len(replies(dialogue, "550")) == 2
    assert account.flags() == {}


def test_extensions_are_announced(account: Account, swaks: Swaks) -> None:
    dialogue = swaks.send(as_data(make_mail(1)), account.user)
    words = {line[4:].split()[0] for line in replies(dialogue, "250") if len(line) > 4}
    assert {"8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES", "STARTTLS", "CHUNKING"} <= words


def test_eight_bits_arrive(account: Account, swaks: Swaks) -> None:
    mail = b"Subject: 8bit\r\n\r\n" + "Grüße, 日本\r\n".encode()
    swaks.send(as_data(mail), account.user)
    assert literal(account.selected(), 1).endswith(mail)


@pytest.mark.parametrize("count", [1, 20])
def test_pipelining(account: Account, swaks: Swaks, count: int) -> None:
    users = [f"{account.user}+{number}" for number in range(count)]
    dialogue = swaks.send(as_data(make_mail(1)), *users, options=("--pipeline",))
    assert len([line for line in replies(dialogue, "250") if "Saved" in line]) == count
    mailboxes = account.snapshot().mailboxes
    assert {name: len(box.mails) for name, box in mailboxes.items()} == {
        "INBOX": 0,
        **{str(number): 1 for number in range(count)},
    }


def test_starttls(account: Account, swaks: Swaks) -> None:
    certificate = account.server.site.certificate.authority
    options = ("--tls", "--tls-verify", "--tls-ca-path", str(certificate))
    dialogue = swaks.send(as_data(make_mail(1)), account.user, options=options)
    assert "TLS started" in dialogue
    assert list(account.flags()) == [1]


def test_a_null_sender(account: Account, swaks: Swaks) -> None:
    swaks.send(as_data(make_mail(1)), account.user, options=("--from", "<>"))
    client = account.selected()
    assert literal(client, 1).startswith(b"Return-Path: <>\r\n")
    ok(client.noop())
