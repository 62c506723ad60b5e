"""imapclient: parses every answer strictly, so that a malformed one is an exception here."""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.peers.account import Account
from tests.peers.mails import make_mail, make_multipart
from tests.peers.need import need
from tests.peers.ports import HOST

pytestmark = need("imapclient")


@pytest.fixture
def client(account: Account) -> Iterator[Any]:
    """A session, logged in; untyped, as the library is."""
    module = importlib.import_module("imapclient")
    session = module.IMAPClient(HOST, account.server.ports.imap, ssl=False, timeout=30)
    session.login(account.user, account.password)
    yield session
    session.shutdown()


def test_envelope_and_structure(client: Any, account: Account) -> None:
    account.append(make_multipart(7))
    client.select_folder("INBOX", readonly=True)
    (data,) = client.fetch([1], ["ENVELOPE", "BODYSTRUCTURE", "RFC822.SIZE", "UID"]).values()
    envelope, structure = data[b"ENVELOPE"], data[b"BODYSTRUCTURE"]
    assert envelope.subject == b"Mail number 7"
    assert envelope.date == datetime(2026, 1, 8, 10, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert envelope.message_id == b"<mail-7@example.com>"
    assert (envelope.from_[0].mailbox, envelope.from_[0].host) == (b"sender7", b"example.com")
    assert structure.is_multipart
    kinds = [part[0].lower() + b"/" + part[1].lower() for part in structure[0]]
    assert kinds == [b"text/plain", b"text/html", b"application/octet-stream"]
    assert structure[1] == b"mixed"
    assert data[b"RFC822.SIZE"] == len(make_multipart(7))


def test_folders_with_names_outside_ascii(client: Any) -> None:
    client.create_folder("Entwürfe/日本語 & mehr")
    client.subscribe_folder("Entwürfe/日本語 & mehr")
    listed = {name for _flags, _separator, name in client.list_folders()}
    assert listed == {"INBOX", "Entwürfe", "Entwürfe/日本語 & mehr"}
    subscribed = [name for _flags, _separator, name in client.list_sub_folders()]
    assert subscribed == ["Entwürfe/日本語 & mehr"]
    client.rename_folder("Entwürfe", "Drafts")
    assert client.folder_exists("Drafts/日本語 & mehr")
    client.delete_folder("Drafts/日本語 & mehr")
    assert not client.folder_exists("Drafts/日本語 & mehr")


def test_flags_and_modseqs(client: Any, account: Account) -> None:
    account.append(make_mail(1), make_mail(2))
    selected = client.select_folder("INBOX")
    assert selected[b"EXISTS"] == 2
    assert selected[b"UIDNEXT"] == 3
    known = client.folder_status("INBOX", ["HIGHESTMODSEQ"])[b"HIGHESTMODSEQ"]
    before = client.fetch([1, 2], ["FLAGS", "MODSEQ"])
    changed = client.add_flags([2], [b"\\Seen", b"$Label1"])
    assert {b"\\Seen", b"$Label1"} <= set(changed[2])
    after = client.fetch([1, 2], ["FLAGS"], [f"CHANGEDSINCE {known}"])
    assert list(after) == [2]
    assert after[2][b"MODSEQ"] > before[2][b"MODSEQ"]
    assert client.search(["MODSEQ", str(after[2][b"MODSEQ"][0])]) == [2]


def test_search(client: Any, account: Account) -> None:
    account.append(*map(make_mail, (3, 1, 2)))
    client.select_folder("INBOX")
    assert client.search(["SUBJECT", "number 1"]) == [2]
    assert client.search(["NOT", ["FROM", "sender3", "SEEN"]]) == [1, 2, 3]


def test_sort_and_thread(client: Any, account: Account) -> None:
    account.append(*map(make_mail, (3, 1, 2)))
    client.select_folder("INBOX")
    assert client.sort("DATE") == [2, 3, 1]
    assert client.sort("REVERSE SUBJECT") == [1, 3, 2]
    assert sorted(client.thread("REFERENCES")) == [(1,), (2,), (3,)]


def test_copy_move_and_expunge(client: Any, account: Account) -> None:
    account.append(make_mail(1), make_mail(2))
    client.create_folder("Box")
    client.select_folder("INBOX")
    client.copy([1], "Box")
    client.move([2], "Box")
    assert client.search("ALL") == [1]
    client.delete_messages([1])
    client.uid_expunge([1])
    assert client.search("ALL") == []
    assert client.folder_status("Box", ["MESSAGES", "UIDNEXT"]) == {
        b"MESSAGES": 2,
        b"UIDNEXT": 3,
    }


def test_idle(client: Any, account: Account) -> None:
    client.select_folder("INBOX")
    client.idle()
    account.deliver(make_mail(1))
    assert (1, b"EXISTS") in client.idle_check(timeout=10)
    client.idle_done()


def test_multiappend(client: Any, account: Account) -> None:
    client.multiappend("INBOX", [make_mail(1), make_mail(2)])
    assert list(account.flags()) == [1, 2]


def test_id_and_enable(client: Any) -> None:
    assert b"name" in {key.lower() for key in client.id_({"name": "test"})[0][::2]}
    assert client.enable("CONDSTORE") == [b"CONDSTORE"]
