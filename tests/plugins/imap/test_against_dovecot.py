"""The same commands over the same mail on Dovecot and on culver: the answers are the same."""

from __future__ import annotations

import re
import socket
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.peers.certificate import make_certificate
from tests.peers.config import PASSWORD, ServerConfig, Site
from tests.peers.culver import CulverProcess
from tests.peers.dovecot import Dovecot
from tests.peers.need import need
from tests.peers.ports import HOST

pytestmark = [pytest.mark.interop, need("dovecot")]

USER = "carol"

# What neither RFC nor client cares about: the words of the tagged OK, and the time it took.
_TAGGED = re.compile(rb"^t (OK|NO|BAD)(?: \[([A-Z-]+)[^\]]*\])?.*$", re.MULTILINE)
_MODSEQ = re.compile(rb"MODSEQ \(?\d+\)?")


def _mail(header: str, body: str = "Body.\r\n", *, name: str = "") -> bytes:
    lines = [line.strip() for line in header.strip().splitlines()]
    if name:
        lines.append(f"Message-ID: <{name}@example.org>")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


_MULTIPART = """--b\r
Content-Type: text/plain; charset=iso-8859-1\r
Content-Transfer-Encoding: quoted-printable\r
\r
Gr=FC=DFe=20\r
--b\r
Content-Type: application/octet-stream; name="x.bin"\r
Content-Transfer-Encoding: base64\r
\r
AAECAwQ=\r
--b\r
Content-Type: message/rfc822\r
\r
Subject: inner\r
From: inner@example.org\r
\r
inner text\r
--b--\r
"""

MAILS: Sequence[tuple[str, str, bytes]] = [
    ("", "01-Jan-2020 10:00:00 +0000",
     _mail("""From: "Zoe" <zoe@example.org>
     To: Alice <alice@example.org>, bob@example.org
     Subject: hello
     Date: Wed, 01 Jan 2020 10:00:00 +0000""", name="a")),
    (r"(\Seen)", "02-Jan-2020 10:00:00 +0000",
     _mail("""From: adam@example.org
     To: "Bob" <bob@example.org>
     Cc: zoe@example.org
     Subject: Re: [list] hello
     References: <a@example.org>
     Date: Thu, 02 Jan 2020 11:00:00 +0100""", name="b")),
    (r"(\Flagged $Work)", "03-Jan-2020 10:00:00 +0000",
     _mail("""From: =?utf-8?q?=C3=84rger?= <mid@example.org>
     Subject: =?utf-8?b?R3LDvMOfZQ==?= (fwd)
     In-Reply-To: <b@example.org>
     Date: Fri, 03 Jan 2020 00:00:00 +1400""", "A longer body.\r\n" * 10, name="c")),
    (r"(\Answered \Seen)", "01-Jan-2019 10:00:00 +0000",
     _mail("""Subject: no from and no date""")),
    ("", "05-Jan-2020 23:59:59 +0000",
     _mail("""From: "Long, Name" <long@example.org>
     To: undisclosed-recipients:;
     Subject: Fwd: hello
     References: <gone@example.org> <lost@example.org>
     Date: Sun, 05 Jan 2020 10:00:00 -0500""", name="e")),
    (r"(\Deleted)", "06-Jan-2020 10:00:00 +0000",
     _mail("""From: zoe@example.org
     Subject: HELLO
     References: <gone@example.org>
     Date: Sat, 04 Jan 2020 10:00:00 +0000""", name="f")),
    ("", "07-Jan-2020 10:00:00 +0000",
     _mail("""From: zoe@example.org
     Subject: parts
     MIME-Version: 1.0
     Content-Type: multipart/mixed; boundary=b
     Date: Tue, 07 Jan 2020 10:00:00 +0000""", _MULTIPART, name="g")),
    (r"(\Draft)", "08-Jan-2020 10:00:00 +0000",
     _mail("""From: adam@example.org
     Subject: html
     Content-Type: text/html
     MIME-Version: 1.0
     Date: nonsense""", "<html><b>Bold</b> text &amp; more</html>\r\n", name="a")),
    ("", "09-Jan-2020 10:00:00 +0000",
     _mail("""Subject: Re: parts
     References: <i@example.org> <h@example.org>
     Date: Thu, 09 Jan 2020 10:00:00 +0000""", name="h")),
    ("", "10-Jan-2020 10:00:00 +0000",
     _mail("""Subject: Re: parts
     References: <h@example.org>
     Date: Thu, 09 Jan 2020 10:00:00 +0000""", name="i")),
    ("", "11-Jan-2020 10:00:00 +0000",
     _mail("""Subject: unheard-of
     MIME-Version: 1.0
     Content-Transfer-Encoding: x-unheard-of""", name="k")),
]  # fmt: skip

SORTS = [
    f"SORT ({order}) UTF-8 {what}"
    for order in (
        "ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO",
        "REVERSE DATE", "REVERSE SUBJECT DATE", "SUBJECT REVERSE ARRIVAL", "FROM TO CC SIZE",
        "DATE DATE REVERSE DATE",
    )
    for what in ("ALL",)
] + [
    "UID SORT (REVERSE SIZE) US-ASCII UNSEEN",
    "SORT (DATE) UTF-8 SMALLER 1",
    "SORT RETURN (MIN MAX COUNT) (DATE) UTF-8 ALL",
    "SORT RETURN (ALL) (SUBJECT) UTF-8 ALL",
    "SORT RETURN (PARTIAL 2:3) (REVERSE ARRIVAL) UTF-8 ALL",
    "SORT RETURN () (DATE) UTF-8 ALL",
    "SORT () UTF-8 ALL",
    "SORT (REVERSE) UTF-8 ALL",
]  # fmt: skip
THREADS = [
    f"{uid}THREAD {algorithm} UTF-8 {what}"
    for uid in ("", "UID ")
    for algorithm in ("REFERENCES", "REFS", "ORDEREDSUBJECT")
    for what in ("ALL", "2:9", "NOT 1", "NOT DELETED")
]
SEARCHES = [
    f"SEARCH {what}"
    for what in (
        "ALL", "SEEN", "UNSEEN", "NOT SEEN", "DELETED", "DRAFT", "KEYWORD $Work",
        "UNKEYWORD $work", "OR SEEN FLAGGED", "FROM zoe", "FROM ZOE", "TO bob", "CC zoe",
        "SUBJECT hello", 'SUBJECT ""', "HEADER In-Reply-To b@", 'HEADER References ""',
        "BODY longer", "TEXT example.org", "BODY inner", "TEXT inner", "BODY Bold",
        "SENTON 1-Jan-2020", "SENTSINCE 3-Jan-2020", "SENTSINCE 1-Jan-2019 SENTBEFORE 3-Jan-2020",
        "ON 2-Jan-2020",
        "SINCE 5-Jan-2020", "BEFORE 2-Jan-2020", "LARGER 200", "SMALLER 150", "1:3,*", "UID 1:4",
        "NOT 1:3", "(SEEN FLAGGED)", "YOUNGER 1000", "OLDER 1000", "SMALLER 1",
        "RETURN (MIN MAX COUNT ALL) SEEN", "RETURN () UNSEEN", "RETURN (COUNT) SMALLER 1",
        "RETURN (PARTIAL 1:2) ALL", "RETURN (PARTIAL 100:200) ALL", "RETURN (MIN PARTIAL 1:1) ALL",
        "RETURN (ALL PARTIAL 1:1) ALL", "RETURN (CONTEXT COUNT) ALL", "NONSENSE",
    )
]  # fmt: skip

FETCHES = [
    f"{command} {items}"
    for command in ("FETCH 7", "FETCH 1:10", "UID FETCH 1:10")
    for items in (
        "(FLAGS)", "(INTERNALDATE RFC822.SIZE)", "ENVELOPE", "BODY", "BODYSTRUCTURE", "FULL",
        "(BODY.PEEK[HEADER.FIELDS (Subject From)])", "BODY.PEEK[TEXT]<2.5>", "BODY.PEEK[1]",
        "BODY.PEEK[1.MIME]", "BODY.PEEK[3.HEADER]", "BODY.PEEK[9]", "BINARY.PEEK[1]",
        "BINARY.SIZE[1]", "BINARY.PEEK[1]<3.2>",
        "PREVIEW", "PREVIEW (LAZY)", "SNIPPET",
        "BODY[", "(BINARY)", "()", "(FLAGS NONSENSE)",
    )
] + [
    f"FETCH 7 {item}"
    for item in ("BINARY.PEEK[2]", "BINARY.SIZE[2]", "BINARY.PEEK[3]", "BINARY.SIZE[3]",
                 "BINARY.PEEK[9]", "BINARY.SIZE[9]",
                 "BINARY.PEEK[3.1]", "BINARY.PEEK[2]<1.2>", "PREVIEW (FUZZY)", "SNIPPET (FUZZY)",
                 "PREVIEW (NONSENSE)", "BINARY.PEEK[]", "BINARY.SIZE[]")
]  # fmt: skip
UNKNOWN = [f"FETCH 11 {item}" for item in ("BINARY[1]", "BINARY.PEEK[1]", "BINARY.SIZE[1]")]


class Client:
    """One connection; answers come as they are."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=30)
        self._file = self._socket.makefile("rwb")
        self._file.readline()

    def command(self, line: str | bytes) -> bytes:
        """Everything up to the tagged answer."""
        text = line if isinstance(line, bytes) else line.encode()
        self._file.write(b"t " + text + b"\r\n")
        self._file.flush()
        said = b""
        while not said.startswith(b"t ") and b"\r\nt " not in said:
            read = self._file.readline()
            assert read, said
            said += read
        return said

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()


def normal(answer: bytes) -> list[bytes]:
    """The lines of an answer without what may differ."""
    answer = _TAGGED.sub(rb"t \1 \2", answer)
    # Which of the two sessions saw a mail first is chance.
    answer = answer.replace(b" \\Recent", b"").replace(b"\\Recent", b"")
    return _MODSEQ.sub(b"MODSEQ n", answer).splitlines()


Pair = tuple[Client, Client]


@pytest.fixture(scope="module")
def clients() -> Iterator[Pair]:
    """Dovecot's and culver's, both with the INBOX of one Maildir selected."""
    with tempfile.TemporaryDirectory(prefix="culver-differ-") as name:
        root = Path(name)
        root.chmod(0o755)
        site = Site.make(root / "site", make_certificate(root / "tls"), [USER])
        dovecot = Dovecot(ServerConfig(site=site, folder=root / "dovecot"))
        culver = CulverProcess(ServerConfig(site=site, folder=root / "culver"))
        with dovecot, culver:
            pair = Client(dovecot.ports.imap), Client(culver.ports.imap)
            for client in pair:
                assert b"t OK" in client.command(f"LOGIN {USER} {PASSWORD}")
            for flags, date, mail in MAILS:
                head = f'APPEND INBOX {flags or "()"} "{date}" {{{len(mail)}+}}\r\n'.encode()
                assert b"t OK" in pair[0].command(head + mail)
            # Dovecot's session claims the recent ones first.
            for client in pair:
                assert b"11 EXISTS" in client.command("SELECT INBOX")
            yield pair
            for client in pair:
                client.close()


@pytest.mark.parametrize("command", [*SORTS, *THREADS, *SEARCHES, *FETCHES])
def test_same_answer(clients: Pair, command: str) -> None:
    dovecot, culver = (normal(client.command(command)) for client in clients)

    assert culver == dovecot


@pytest.mark.parametrize("command", UNKNOWN)
def test_an_encoding_that_nobody_knows(clients: Pair, command: str) -> None:
    for client in clients:
        assert client.command(command).splitlines()[-1].startswith(b"t NO [UNKNOWN-CTE] ")
