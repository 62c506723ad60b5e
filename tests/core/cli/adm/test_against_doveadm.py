"""The same words to doveadm and to culver adm, over copies of one store.

Compared are output, byte by byte, and exit code.  What differs is told where it does:

- Lines are sorted: doveadm lists mailboxes as the directory has them, culver sorts.
- ``\\Recent`` and modseqs are not compared: where Maildir's index is not shared yet, they are each
  server's own.
- Messages of errors are not compared: the texts of culver name what is allowed.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.core.cli.adm.conftest import Adm
from tests.peers.config import PASSWORD, ServerConfig, Site
from tests.peers.dovecot import Dovecot
from tests.peers.need import need, which

pytestmark = [pytest.mark.interop, need("dovecot", "dovecot-lmtp")]

FOLDED = b"""\
From: "Ann B." <ann@example.org>, bob@example.net
To: team: c@example.org, d@example.org;
Subject: one
 folded =?utf-8?q?h=C3=A9?=
Message-ID: <1@example.org>
Date: Sun, 1 Nov 2026 10:00:00 +0100

first body
"""

MULTIPART = b"""\
From: =?utf-8?b?w4Q=?= <ae@example.org>
Subject: two
Message-ID: <2@example.org>
Date: Mon, 2 Nov 2026 23:30:00 -0500
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=sep

preamble
--sep
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

caf=C3=A9 =
soft
--sep
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

AAECAwo=
--sep--
"""

PLAIN = b"Subject: three\nMessage-ID: <1@example.org>\nDate: Tue, 3 Nov 2026 00:10:00 +0000\n\nx\n"


@dataclass(frozen=True, slots=True)
class Twins:
    """A user for either program, with the same mail."""

    config: Path
    adm: Adm

    def oracle(self, *words: str, stdin: bytes = b"") -> tuple[int, str]:
        """What doveadm prints for ``oracle``."""
        argv = [which("doveadm") or "doveadm", "-c", str(self.config), *_for("oracle", words)]
        done = subprocess.run(argv, input=stdin, capture_output=True, timeout=60, check=False)
        return done.returncode, _plain(done.stdout.decode())

    def subject(self, *words: str) -> tuple[int, str]:
        """What culver adm prints for ``subjec``."""
        code, out, _ = self.adm(*_for("subjec", words))
        return code, _plain(out)


def _for(user: str, words: tuple[str, ...]) -> list[str]:
    return [word.replace("USER", user) for word in words]


def _plain(text: str) -> str:
    text = re.sub(r"\bsubjec\b", "oracle", text)
    text = text.replace(" \\Recent", "").replace("\\Recent", "")
    return "\n".join(sorted(text.split("\n")))


@pytest.fixture(scope="module")
def server(adm_site: Site, config_file: Path) -> Iterator[Dovecot]:
    """doveadm asks its auth process who a user is."""
    config = ServerConfig(site=adm_site, folder=config_file.parent, extra=_extra(config_file))
    with Dovecot(config) as started:
        yield started


def _extra(config_file: Path) -> str:
    text = config_file.read_text()
    return text[text.index("mail_uid =") :]


@pytest.fixture
def twins(server: Dovecot, adm_site: Site, adm: Adm) -> Twins:
    """Fresh mail for both: what doveadm made, and a copy."""
    for user in ("oracle", "subjec"):
        shutil.rmtree(adm_site.mail / user, ignore_errors=True)
    made = Twins(server.config_file, adm)
    for mailbox in ("A/B", "Foo", "é"):
        assert made.oracle("mailbox", "create", "-s", "-u", "USER", mailbox)[0] == 0
    for mailbox, mails in {"INBOX": (FOLDED, MULTIPART, PLAIN), "Foo": (PLAIN,)}.items():
        for mail in mails:
            assert made.oracle("save", "-u", "USER", "-m", mailbox, stdin=mail)[0] == 0
    flags = ("flags", "add", "-u", "USER", "\\Flagged label", "mailbox", "INBOX", "uid", "2")
    assert made.oracle(*flags)[0] == 0
    shutil.copytree(adm_site.mail / "oracle", adm_site.mail / "subjec", copy_function=_copy)
    adm_site.owner.own(adm_site.mail / "subjec")
    return made


def _copy(source: str, target: str) -> None:
    """With times to the nanosecond: they are INTERNALDATE."""
    shutil.copy2(source, target)
    info = os.stat(source)
    os.utime(target, ns=(info.st_atime_ns, info.st_mtime_ns))


FORMATS = ["flow", "tab", "table", "pager", "json"]

_ADDRESSES = "hdr.subject.utf8 hdr.from.address_name hdr.from.address_name.utf8"
_DATES = "date.received date.sent date.received.unixtime date.sent.unixtime"
_IDS = "user uid guid flags seq mailbox mailbox-guid size.physical size.virtual"

LISTS = [
    f"fetch -u USER '{_IDS}' mailbox INBOX",
    f"fetch -u USER '{_ADDRESSES}' mailbox INBOX uid 2:3",
    f"fetch -u USER '{_DATES}' mailbox INBOX",
    "fetch -u USER 'imap.envelope imap.body imap.bodystructure' mailbox INBOX",
    "search -u USER mailbox INBOX",
    "mailbox list -u USER",
    "mailbox status -u USER 'messages uidnext uidvalidity unseen vsize guid' Foo",
]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("words", LISTS)
def test_formats(twins: Twins, format: str, words: str) -> None:
    command = _split(f"-f {format} {words}")

    assert _rows(twins.subject(*command), format) == _rows(twins.oracle(*command), format)


def _rows(found: tuple[int, str], format: str) -> tuple[int, list[str]]:
    """JSON is on one line: its rows are sorted here."""
    code, text = found
    return code, sorted(text.strip("[{}]\n").split("},{")) if format == "json" else text.split("\n")


def _split(words: str) -> list[str]:
    return shlex.split(words)


SEARCHES = """\
all
nosuch
seen
flagged
unflagged
keyword label
unkeyword label
uid 1
uid 2:*
uid 1,3
not uid 2
uid 1 or uid 3
flagged uid 1 or uid 3
( uid 1 or uid 2 ) flagged
not ( uid 1 or uid 2 )
( uid 1
uid 1 )
from ann
from example.net
to d@example.org
subject hé
subject folded
header message-id <1@example.org>
header x-none ''
body café
body first
text preamble
text two
larger 200
larger 1k
smaller 1M
larger 1x
since 1d
since '1 day'
before 2weeks
on 2026-11-02
sentsince 2026-11-02
sentbefore 2-Nov-2026
senton 2-Nov-2026
senton 3-Nov-2026
sentsince 1793610000
sentbefore 1793610000
senton 1793600000
savedsince 1h
savedbefore 1h
since yesterday
older 100000
younger 100000
oldestonly uid 1
guid nosuch
modseq 1
uid 0
uid x
"""


@pytest.mark.parametrize("query", SEARCHES.splitlines())
def test_searches(twins: Twins, query: str) -> None:
    words = ["search", "-u", "USER", "mailbox", "INBOX", "(", *_split(query), ")"]
    if query.count("(") == query.count(")"):
        assert twins.subject(*words) == twins.oracle(*words)
    # doveadm resolves a star once, in the first mailbox it comes to; every mailbox has its own.
    if "*" not in query:
        bare = ["search", "-u", "USER", *_split(query)]
        assert twins.subject(*bare) == twins.oracle(*bare)


MAILBOXES = """\
mailbox INBOX all
mailbox inbox all
mailbox Nope all
mailbox F* all
mailbox * uid 1
mailbox A% all
mailbox INBOX or mailbox Foo
not mailbox INBOX
mailbox-guid 00 all
"""


@pytest.mark.parametrize("query", MAILBOXES.splitlines())
def test_searches_of_mailboxes(twins: Twins, query: str) -> None:
    words = ["search", "-u", "USER", *_split(query)]

    assert twins.subject(*words) == twins.oracle(*words)


FETCHES = """\
hdr
body
text
'uid text uid'
hdr.subject
hdr.to
hdr.from.address
'body.1 body.1.mime'
body.text
body.header
body.2
body.9
binary.1
binary.2
body.preview
nosuch
body.nosuch
"""


@pytest.mark.parametrize("fields", FETCHES.splitlines())
@pytest.mark.parametrize("uid", ["1", "2", "1:3"])
def test_fetches(twins: Twins, fields: str, uid: str) -> None:
    words = ["fetch", "-u", "USER", *_split(fields), "mailbox", "INBOX", "uid", uid]

    assert twins.subject(*words) == twins.oracle(*words)


CHANGES = {
    "flags": """\
flags add -u USER '\\Seen new' mailbox INBOX uid 1
flags remove -u USER '\\Flagged' mailbox INBOX all
flags replace -u USER 'x \\Draft' mailbox INBOX uid 3
flags add -u USER --flag '\\Answered' mailbox Foo all
flags add -u USER '\\Nosuch' all
flags add -u USER
""",
    "copies": """\
copy -u USER A/B mailbox INBOX uid 1:2
copy -u USER Nope mailbox INBOX all
move -u USER A/B mailbox Foo all
move -u USER A/B all
move -u USER A/B mailbox Foo
copy -u USER Foo user oracle mailbox INBOX uid 3
copy -u USER Foo
""",
    "expunges": """\
expunge -u USER uid 1
expunge -u USER mailbox INBOX
expunge -u USER mailbox INBOX uid 1
expunge -u USER -d mailbox Foo all
deduplicate -u USER -m mailbox INBOX
deduplicate -u USER mailbox INBOX
""",
    "mailboxes": """\
mailbox create -u USER -s New/Sub
mailbox create -u USER Foo
mailbox rename -u USER Foo Bar
mailbox rename -u USER Nope x
mailbox rename -u USER -s New/Sub New/Other
mailbox subscribe -u USER Ghost
mailbox unsubscribe -u USER A/B
mailbox delete -u USER -s é
mailbox delete -u USER Nope
mailbox delete -u USER -e Bar
mailbox list -u USER -s
mailbox list -u USER 'N*' Nope
mailbox list -u USER Nope
mailbox list -u USER -7 é
mailbox delete -u USER -r New
""",
    "rest": """\
index -u USER '*'
force-resync -u USER '*'
force-resync -u USER nope
index -u USER
mailbox status -u USER -t all '*'
mailbox status -u USER -t guid '*'
mailbox status -u USER nosuch INBOX
mailbox status -u USER messages Nope
mailbox status -u USER -f messages -f unseen INBOX
batch -u USER : search mailbox INBOX all : flags add '\\Seen' mailbox INBOX all
batch -u USER : nope
save -u USER -m Nope /etc/hostname
save -u USER /nonexistent
search -u nobody all
mailbox mutf7 é
mailbox mutf7 -7 '&AOk-' é
nosuch
mailbox
import -u USER maildir:/nonexistent '' all
import -u USER
""",
}

STATE = [
    "fetch -u USER 'mailbox uid guid flags hdr.message-id date.received size.virtual' mailbox *",
    "mailbox list -u USER",
    "mailbox list -u USER -s",
    "mailbox status -u USER 'messages uidnext unseen' *",
]


@pytest.mark.parametrize("area", CHANGES)
def test_changes(twins: Twins, area: str) -> None:
    for line in CHANGES[area].splitlines():
        words = _split(line)

        assert (line, *twins.subject(*words)) == (line, *twins.oracle(*words))
    for line in STATE:
        words = _split(line)
        assert twins.subject(*words) == twins.oracle(*words)


@pytest.mark.parametrize(
    "words",
    [
        ["user", "*"],
        ["user", "orac?e"],
        ["user", "oracle"],
        ["user", "oracle", "nobody"],
        ["user", "-f", "home", "oracle"],
        ["user", "-u", "oracle"],
        ["user", "-e", "%h %u", "oracle"],
        ["user", "-e", "x", "-f", "home", "oracle"],
        ["auth", "test", "oracle", PASSWORD],
        ["auth", "test", "oracle", "wrong"],
        ["auth", "test", "nobody", "wrong"],
        ["auth", "lookup", "oracle"],
        ["auth", "lookup", "nobody"],
        ["auth", "lookup", "-f", "user", "oracle"],
        ["auth", "login", "oracle", PASSWORD],
        ["auth", "login", "oracle", "wrong"],
    ],
)
def test_users(twins: Twins, words: list[str]) -> None:
    assert twins.subject(*words) == twins.oracle(*words)


@pytest.mark.parametrize(
    "name",
    [
        "dovecot.index.log",
        "dovecot.list.index.log",
        "dovecot.mailbox.log",
        "subscriptions",
        "dovecot.index",
        "",
    ],
)
def test_dumps(twins: Twins, adm_site: Site, name: str) -> None:
    path = str(adm_site.mail / "oracle" / "Maildir" / name)
    twins.oracle("fetch", "-u", "USER", "imap.envelope body.preview size.virtual hdr.to", "all")

    found, expected = twins.subject("dump", path), twins.oracle("dump", path)

    assert found[0] == expected[0]
    assert _without_sizes(found[1]) == _without_sizes(expected[1])


def _without_sizes(text: str) -> list[str]:
    """Without what is of the memory of the program and not of the file: doveadm makes the list of
    keywords larger than it has to be, and low-water marks are only tracked in memory."""
    skipped = ("header size", "hdr_size", "first unseen uid", "first deleted uid")
    return [line for line in text.splitlines() if not line.startswith(skipped)]
