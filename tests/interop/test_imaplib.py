"""Python's own imaplib: one command at a time, answers compared by hand."""

import base64
import imaplib
import re
import time

import pytest
from tests.peers.account import Account
from tests.peers.imap_reply import Refused, flags_by_uid, literal, numbers, ok
from tests.peers.mails import make_mail, make_multipart


def test_capabilities_before_and_after_login(account: Account) -> None:
    client = account.connect()
    assert {"IMAP4REV1", "STARTTLS", "AUTH=PLAIN", "SASL-IR"} <= set(client.capabilities)
    ok(client.login(account.user, account.password))
    line = ok(client.capability())[-1]
    after = set(line.decode().split())
    assert {"IMAP4rev1", "IDLE", "UIDPLUS", "MOVE", "NAMESPACE", "LITERAL+", "ESEARCH"} <= after
    assert {"CONDSTORE", "SPECIAL-USE", "LIST-EXTENDED", "UNSELECT"} <= after
    assert "STARTTLS" not in after
    assert client.logout()[0] == "BYE"


def test_authenticate_plain(account: Account) -> None:
    client = account.connect()
    secret = f"\0{account.user}\0{account.password}".encode()
    ok(client.authenticate("PLAIN", lambda _challenge: secret))
    assert client.state == "AUTH"


def test_a_wrong_password_gets_no_and_the_session_lives_on(account: Account) -> None:
    client = account.connect()
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.login(account.user, "wrong")
    ok(client.login(account.user, account.password))


def test_starttls_and_imaps(account: Account) -> None:
    plain = account.connect()
    plain.starttls(account.server.tls())
    assert "STARTTLS" not in plain.capabilities
    secure = account.connect(tls=True)
    for client in (plain, secure):
        ok(client.login(account.user, account.password))
        client.logout()


def test_mailboxes_are_made_renamed_subscribed_and_deleted(account: Account) -> None:
    client = account.imap()
    for name in ("Work", "Work/Deep", "&AOk-t&AOk-"):
        ok(client.create(name))
        ok(client.subscribe(name))
    assert _listed(client) == {"INBOX", "Work", "Work/Deep", "&AOk-t&AOk-"}
    ok(client.rename("Work", "Job"))
    ok(client.unsubscribe("Work"))
    ok(client.delete("&AOk-t&AOk-"))
    assert _listed(client) == {"INBOX", "Job", "Job/Deep"}
    # RFC 3501 6.3.9: a subscription stays when its mailbox goes.
    assert _listed(client, subscribed=True) == {"Work/Deep", "&AOk-t&AOk-"}
    for refused in (client.create("Job"), client.delete("Nowhere"), client.select("Nowhere")):
        assert refused[0] == "NO"


def _listed(client: imaplib.IMAP4, subscribed: bool = False) -> set[str]:
    """Names that exist; a parent that LSUB only infers (\\Noselect) is left out."""
    lines = ok(client.lsub() if subscribed else client.list())
    return {
        line.decode().rpartition(' "/" ')[2].strip('"')
        for line in lines
        if line and b"\\noselect" not in line.lower()
    }


def test_append_keeps_bytes_flags_and_date(account: Account) -> None:
    client = account.selected()
    date = '"05-Feb-2026 06:07:08 +0100"'
    mail = make_multipart(1)
    (answer,) = ok(client.append("INBOX", r"(\Seen \Flagged Label)", date, mail))
    assert re.match(rb"\[APPENDUID \d+ 1\]", answer)
    assert literal(client, 1) == mail
    (line,) = ok(client.fetch("1", "(INTERNALDATE FLAGS RFC822.SIZE)"))
    utc = time.strptime("05-Feb-2026 05:07:08", "%d-%b-%Y %H:%M:%S")
    assert imaplib.Internaldate2tuple(line) == time.localtime(time.mktime(utc) - time.timezone)
    assert f"RFC822.SIZE {len(mail)}".encode() in line
    assert flags_by_uid(client) == {1: {"\\Seen", "\\Flagged", "Label"}}


def test_append_to_a_mailbox_that_is_not_there_says_trycreate(account: Account) -> None:
    client = account.imap()
    with pytest.raises(Refused, match="TRYCREATE"):
        ok(client.append("Missing", "", "", make_mail(1)))


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("ALL", [1, 2, 3, 4]),
        ("SEEN", [2]),
        ("UNSEEN", [1, 3, 4]),
        ("KEYWORD Label", [3]),
        ("UNKEYWORD Label", [1, 2, 4]),
        ('SUBJECT "number 3"', [3]),
        ("FROM sender1@", [1]),
        ('OR FROM sender1@ SUBJECT "number 4"', [1, 4]),
        ("NOT (OR SEEN KEYWORD Label)", [1, 4]),
        ("SENTBEFORE 3-Jan-2026", [1]),
        ("SENTSINCE 4-Jan-2026", [3, 4]),
        ("LARGER 5000", [4]),
        ("UID 2:3", [2, 3]),
        ("2:*", [2, 3, 4]),
        ('HEADER Message-ID "mail-2@"', [2]),
        ("BODY omega", [1, 2, 3, 4]),
        ('TEXT "no such text anywhere"', []),
    ],
)
def test_search(account: Account, criteria: str, expected: list[int]) -> None:
    account.append(*map(make_mail, (1, 2, 3)), make_multipart(4))
    client = account.selected()
    client.store("2", "+FLAGS", r"(\Seen)")
    client.store("3", "+FLAGS", "(Label)")
    assert numbers(client.search(None, criteria)) == expected
    assert numbers(client.uid("SEARCH", criteria)) == expected


@pytest.mark.parametrize(
    ("change", "flags", "expected"),
    [
        ("+FLAGS", r"(\Seen $Forwarded)", {"\\Answered", "\\Seen", "$Forwarded", "Old"}),
        ("-FLAGS", r"(\Answered \Draft)", {"Old"}),
        ("FLAGS", r"(\Draft)", {"\\Draft"}),
        ("FLAGS", "()", set[str]()),
        ("-FLAGS.SILENT", "(Old)", {"\\Answered"}),
    ],
)
def test_store(account: Account, change: str, flags: str, expected: set[str]) -> None:
    account.append(make_mail(1), make_mail(2), flags=r"(\Answered Old)")
    client = account.selected()
    echoed = ok(client.uid("STORE", "2", change, flags))
    assert (echoed == [b""]) == change.endswith(".SILENT")
    assert flags_by_uid(client) == {1: {"\\Answered", "Old"}, 2: expected}
    assert account.flags() == {1: {"\\Answered", "Old"}, 2: expected}


def test_reading_a_body_sets_seen_and_peeking_does_not(account: Account) -> None:
    account.append(make_mail(1))
    client = account.selected()
    literal(client, 1, "BODY.PEEK[TEXT]")
    assert flags_by_uid(client) == {1: set()}
    literal(client, 1, "BODY[TEXT]")
    assert flags_by_uid(client) == {1: {"\\Seen"}}


@pytest.mark.parametrize(
    ("section", "start", "end"),
    [
        ("BODY.PEEK[]<0.20>", b"From: Sender 1 <sende", b""),
        ("BODY.PEEK[HEADER.FIELDS (SUBJECT)]", b"Subject: Mail number 1\r\n\r\n", b""),
        ("BODY.PEEK[1.MIME]", b"Content-Type: text/plain; charset=utf-8\r\n", b"\r\n\r\n"),
        ("BODY.PEEK[2]", b"<p>", b"</p>\r\n"),
        ("RFC822.HEADER", b"From: Sender 1", b"\r\n\r\n"),
    ],
)
def test_sections(account: Account, section: str, start: bytes, end: bytes) -> None:
    account.append(make_multipart(1))
    client = account.selected()
    got = literal(client, 1, section)
    assert got.startswith(start[: len(got)])
    assert got.endswith(end)
    assert len(got) >= min(20, len(start))


def test_copy_move_and_expunge(account: Account) -> None:
    account.append(*map(make_mail, range(1, 6)))
    client = account.selected()
    ok(client.create("Box"))
    ok(client.uid("COPY", "1,3", "Box"))
    ok(client.uid("MOVE", "2", "Box"))
    client.store("1", "+FLAGS", r"(\Deleted)")
    ok(client.expunge())
    assert list(flags_by_uid(client)) == [3, 4, 5]
    client.store("1:*", "+FLAGS", r"(\Deleted)")
    ok(client.uid("EXPUNGE", "4"))
    assert list(flags_by_uid(client)) == [3, 5]
    ok(client.close())
    ok(client.select("Box"))
    assert [literal(client, uid) for uid in (1, 2, 3)] == [make_mail(n) for n in (1, 3, 2)]
    ok(client.select("INBOX"))
    assert flags_by_uid(client) == {}


def test_another_session_is_told_of_changes(account: Account) -> None:
    watcher, actor = account.selected(), account.selected()
    ok(actor.append("INBOX", "", "", make_mail(1)))
    ok(actor.append("INBOX", "", "", make_mail(2)))
    ok(watcher.noop())
    assert watcher.untagged_responses["EXISTS"][-1] == b"2"
    actor.noop()
    actor.store("1", "+FLAGS", r"(\Deleted Seen2)")
    ok(watcher.noop())
    assert any(b"Seen2" in line for line in watcher.untagged_responses["FETCH"])
    ok(actor.expunge())
    ok(watcher.noop())
    assert watcher.untagged_responses["EXPUNGE"] == [b"1"]


def test_idle_tells_of_a_delivery(account: Account) -> None:
    watcher = account.selected()
    watcher.send(b"idle1 IDLE\r\n")
    assert watcher.readline().startswith(b"+ ")
    account.deliver(make_mail(1))
    lines = [watcher.readline() for _ in range(2)]
    assert b"* 1 EXISTS\r\n" in lines
    watcher.send(b"DONE\r\n")
    assert watcher.readline().startswith(b"idle1 OK")


def test_status_and_namespace(account: Account) -> None:
    account.append(make_mail(1), make_mail(2), flags=r"(\Seen)")
    account.append(make_mail(3))
    client = account.imap()
    (status,) = ok(client.status("INBOX", "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY)"))
    for expected in (rb"MESSAGES 3\b", rb"UNSEEN 1\b", rb"UIDNEXT 4\b", rb"UIDVALIDITY [1-9]"):
        assert re.search(expected, status)
    assert ok(client.namespace()) == [b'(("" "/")) NIL NIL']


@pytest.mark.parametrize("line", [b"x NOSUCH", b"x FETCH 1 FLAGS", b"x SELECT", b"x LOGIN a b"])
def test_a_bad_command_gets_bad_and_the_session_lives_on(account: Account, line: bytes) -> None:
    client = account.imap()
    client.send(line + b"\r\n")
    assert client.readline().startswith(b"x BAD")
    ok(client.noop())


def test_commands_in_one_packet_are_answered_in_order(account: Account) -> None:
    client = account.imap()
    client.send(b"a1 NOOP\r\na2 SELECT INBOX\r\na3 STATUS INBOX (MESSAGES)\r\na4 NOOP\r\n")
    tags = list[bytes]()
    while b"a4" not in tags:
        line = client.readline()
        assert line, "the server hung up"
        if not line.startswith(b"*"):
            tags.append(line.split()[0])
            assert line.split()[1] == b"OK"
    assert tags == [b"a1", b"a2", b"a3", b"a4"]


def test_sasl_initial_response_and_synchronising_literal(account: Account) -> None:
    client = account.connect()
    secret = base64.b64encode(f"\0{account.user}\0{account.password}".encode())
    client.send(b"l1 AUTHENTICATE PLAIN " + secret + b"\r\n")
    line = client.readline()
    while line.startswith(b"*"):
        line = client.readline()
    assert line.startswith(b"l1 OK")
    client.send(b"l2 CREATE {3}\r\n")
    assert client.readline().startswith(b"+ ")
    client.send(b"Box\r\n")
    assert client.readline().startswith(b"l2 OK")
    client.send(b"l3 DELETE {3+}\r\nBox\r\n")
    assert client.readline().startswith(b"l3 OK")
