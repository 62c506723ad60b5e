"""The corpus in a real Dovecot and here: every answer about a mail is the same, byte for byte.

Dovecot's imap runs pre-authenticated over a pipe on a Maildir that holds each mail of corpus/
with LF and with CRLF; it keeps no cache of what is compared, so each answer is made afresh.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from culver.mime.bodystructure import body, bodystructure
from culver.mime.envelope import envelope
from culver.mime.parse import parse_message
from culver.mime.part import Part
from culver.mime.sections import parse_section, section_bytes
from culver.mime.serialize import dump_parts

IMAP = Path("/usr/lib/dovecot/imap")
CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.eml"))

# mime.parts of more is not cached (mail_cache_max_record_size).
MAX_CACHED = 64 * 1024

CONFIG = """
protocols = imap
ssl = no
log_path = /dev/null
mail_location = maildir:{dir}/Maildir:INDEX={index}
base_dir = {dir}/run
state_dir = {dir}/state
first_valid_uid = 1
{caching}
"""
UNCACHED = "mail_never_cache_fields = flags imap.body imap.bodystructure imap.envelope mime.parts"
CACHED = "mail_always_cache_fields = mime.parts"

SECTIONS = [
    "",
    "HEADER",
    "TEXT",
    "1",
    "2",
    "3",
    "1.1",
    "1.2",
    "2.1",
    "2.2",
    "2.2.1",
    "1.MIME",
    "2.MIME",
    "2.1.MIME",
    "1.HEADER",
    "1.TEXT",
    "2.HEADER",
    "2.TEXT",
    "2.2.HEADER",
    "1.HEADER.FIELDS (Subject From)",
    "HEADER.FIELDS (From Subject X-Long)",
    "HEADER.FIELDS (X-Missing)",
    "HEADER.FIELDS.NOT (From Subject Received)",
    "HEADER.FIELDS.NOT (X-Missing)",
]
PARTIALS = ["<0.1>", "<3.10>", "<26.200>", "<100.7>", "<2.100000>", "<1000000.5>"]
ITEMS = (
    ["ENVELOPE", "BODY", "BODYSTRUCTURE", "RFC822.SIZE"]
    + [f"BODY.PEEK[{section}]" for section in SECTIONS]
    + [f"BODY.PEEK[{section}]{part}" for section in ("", "TEXT", "HEADER") for part in PARTIALS]
)

# (mail, item) -> why the answers differ, for both line ends. Each is looked at by hand.
STALE_INDEX = (
    "after name*2=... Dovecot reads title*=... as title*2*: the index of the piece before is kept"
)
NO_EMPTY_LINE = (
    "RFC 3501 6.4.5 wants the empty line always; Dovecot adds it for the root only, and for "
    "other messages reads on behind the part until it finds one"
)
DIFFERENCES = {
    ("params-rfc2231", "BODY"): STALE_INDEX,
    ("params-rfc2231", "BODYSTRUCTURE"): STALE_INDEX,
    ("params-rfc2231-odd", "BODY"): STALE_INDEX,
    ("params-rfc2231-odd", "BODYSTRUCTURE"): STALE_INDEX,
    ("message-encoded", "BODY.PEEK[1.HEADER.FIELDS (Subject From)]"): NO_EMPTY_LINE,
}


def both_line_ends() -> Iterator[tuple[str, bytes]]:
    for path in CORPUS:
        mail = path.read_bytes()
        yield path.stem, mail
        if b"\r" not in mail:
            yield path.stem + "+crlf", mail.replace(b"\n", b"\r\n")


MAILS = dict(both_line_ends())


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[tuple[str, str], bytes]]:
    """What Dovecot says: (mail, item) to the value as it stands in the FETCH response."""
    if not IMAP.exists():
        pytest.skip(f"Dovecot is not installed: no {IMAP}")
    folder = Path(tempfile.mkdtemp(prefix="culver-mime-"))
    try:
        yield ask_dovecot(folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def cache() -> Iterator[bytes]:
    """A dovecot.index.cache that has the part tree of every mail."""
    if not IMAP.exists():
        pytest.skip(f"Dovecot is not installed: no {IMAP}")
    folder = Path(tempfile.mkdtemp(prefix="culver-mime-"))
    try:
        prepare(folder, str(folder / "index"), CACHED)
        run_as_nobody(folder, b"A SELECT INBOX\r\nB FETCH 1:* BODYSTRUCTURE\r\nZ LOGOUT\r\n")
        (found,) = folder.rglob("dovecot.index.cache")
        yield found.read_bytes()
    finally:
        shutil.rmtree(folder)


def prepare(folder: Path, index: str, caching: str) -> None:
    """A Maildir with all mails and a configuration for it."""
    for name in ("cur", "new", "tmp"):
        (folder / "Maildir" / name).mkdir(parents=True)
    for number, mail in enumerate(MAILS.values()):
        (folder / f"Maildir/cur/{1_000_000_000 + number}.M{number}.test:2,S").write_bytes(mail)
    config = CONFIG.format(dir=folder, index=index, caching=caching)
    (folder / "dovecot.conf").write_text(config)


def ask_dovecot(folder: Path) -> dict[tuple[str, str], bytes]:
    prepare(folder, "MEMORY", UNCACHED)
    commands = [b"A SELECT INBOX"]
    commands += [
        f"T{mail:04}x{item:02} FETCH {mail + 1} (X-GUID {name})".encode()
        for mail in range(len(MAILS))
        for item, name in enumerate(ITEMS)
    ]
    done = run_as_nobody(folder, b"\r\n".join([*commands, b"Z LOGOUT", b""]))
    return dict(parse_answers(done))


def run_as_nobody(folder: Path, text: bytes) -> bytes:
    """Dovecot reads no mail as root; then a user without rights does."""
    environment = {"HOME": str(folder), "USER": pwd.getpwuid(os.getuid()).pw_name}
    user = None
    if os.getuid() == 0:
        user = "mail"
        environment["USER"] = user
        folder.chmod(0o755)
        entry = pwd.getpwnam(user)
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, entry.pw_uid, entry.pw_gid)
    done = subprocess.run(
        [IMAP, "-c", folder / "dovecot.conf"],
        input=text,
        capture_output=True,
        env=environment,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        timeout=100,
        check=True,
    )
    return done.stdout


def parse_answers(output: bytes) -> Iterator[tuple[tuple[str, str], bytes]]:
    """Dovecot works on several commands at once, so an answer is known by what it says."""
    items = {re.sub(r"\.PEEK|\.\d+(?=>)", "", item).upper(): item for item in ITEMS}
    starts = list(re.finditer(rb"\* \d+ FETCH \(X-GUID \d+\.M(\d+)\.test ", output))
    assert len(starts) == len(MAILS) * len(ITEMS), output[-500:]
    ends = [start.start() for start in starts[1:]] + [len(output)]
    mails = list(MAILS)
    for start, end in zip(starts, ends, strict=True):
        found = re.fullmatch(
            rb"([^ \[]*(?:\[[^\]]*\](?:<\d+>)?)?) (.*?)\)\r\n(?:(?:T\d+x|Z|\* BYE)[^\r\n]*\r\n)*",
            output[start.end() : end],
            re.DOTALL,
        )
        assert found
        yield (mails[int(start[1])], items[found[1].decode()]), found[2]


def ours(mail: bytes, root: Part, item: str) -> bytes:
    match item:
        case "ENVELOPE":
            return b"(" + envelope(mail, root) + b")"
        case "BODY":
            return b"(" + body(mail, root) + b")"
        case "BODYSTRUCTURE":
            return b"(" + bodystructure(mail, root) + b")"
        case "RFC822.SIZE":
            return b"%d" % root.virtual_size
        case _:
            section, _, partial = item.removeprefix("BODY.PEEK[").partition("]")
            offset, _, size = partial.strip("<>").partition(".")
            text = section_bytes(
                mail,
                root,
                parse_section(section.encode()),
                int(offset or 0),
                int(size) if size else None,
            )
            return b"{%d}\r\n%b" % (len(text), text)


@pytest.mark.interop
@pytest.mark.slow
@pytest.mark.parametrize("name", list(MAILS))
def test_every_answer_is_dovecots(name: str, answers: dict[tuple[str, str], bytes]) -> None:
    mail = MAILS[name]
    root = parse_message(mail)
    plain = name.removesuffix("+crlf")

    differing = {
        item: (ours(mail, root, item), answers[name, item])
        for item in ITEMS
        if ours(mail, root, item) != answers[name, item]
    }

    expected = {item for mail_name, item in DIFFERENCES if mail_name == plain}
    assert differing.keys() == expected, differing


@pytest.mark.interop
@pytest.mark.slow
@pytest.mark.parametrize("name", list(MAILS))
def test_the_part_tree_is_in_dovecots_cache(name: str, cache: bytes) -> None:
    dump = dump_parts(parse_message(MAILS[name]))

    assert dump in cache or len(dump) > MAX_CACHED
