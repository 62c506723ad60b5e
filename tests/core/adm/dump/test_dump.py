"""Dumps of index files: what is printed, and what becomes of damaged ones."""

from contextlib import suppress
from pathlib import Path

import pytest

from culver.adm.dump.dumper import dumpers
from culver.adm.dump.index import DUMPER as INDEX
from culver.adm.dump.log import DUMPER as LOG
from culver.adm.dump.mailboxlog import DUMPER as MAILBOX_LOG
from culver.adm.errors import AdmError
from culver.index.cachefile import CacheFile
from culver.index.engine import MailboxIndex
from culver.index.mailboxlog import CREATE_DIR, MailboxEvent, append_event
from culver.index.mailflags import SEEN


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index with three messages, flags, a keyword, an expunge, and a cache."""
    index = MailboxIndex(tmp_path, clock=lambda: 1_700_000_000.0)
    index.create(1_700_000_000)
    with index.lock():
        change = index.begin()
        change.append(flags=[0, SEEN, 0])
        change.commit()
        cache = CacheFile(index)
        change = index.begin()
        cache.add(change, [1], {"imap.envelope": [b"env"], "hdr.subject": [b"x"]})
        change.add_keyword("work", [1, 2])
        change.expunge([3])
        change.commit()
        cache.close()
        index.rewrite()
    index.close()
    return tmp_path


def test_an_index(folder: Path) -> None:
    lines = list(INDEX.dump(str(folder), []))

    assert lines[0] == f"-- INDEX: {folder}/dovecot.index"
    assert "messages count ........... = 2" in lines
    assert "  0 = work" in lines
    assert "RECORD: seq=2, uid=2, flags=0x08 (Seen)" in lines
    assert any(line.endswith("imap.envelope: env") for line in lines)
    assert next(INDEX.dump(str(folder), ["2"])).startswith("RECORD: seq=2, uid=2")


def test_a_log(folder: Path) -> None:
    lines = list(LOG.dump(f"{folder}/dovecot.index.log", []))

    assert lines[0] == "version = 1.3"
    assert " - uids=1,2 (flags=8),3," in lines
    assert " - modify=0, name=work, uids=1-2," in lines
    assert any(line.startswith(" - uid=3 (guid ") for line in lines)


def test_a_mailbox_log(tmp_path: Path) -> None:
    path = tmp_path / "dovecot.mailbox.log"
    append_event(str(path), MailboxEvent(CREATE_DIR, bytes(range(16)), 1_700_000_000))

    assert MAILBOX_LOG.detect(str(path))
    (line,) = MAILBOX_LOG.dump(str(path), [])
    assert line.startswith("#0: create-dir 000102030405060708090a0b0c0d0e0f (2023-11-1")


@pytest.mark.parametrize(
    ("name", "found"),
    [("dovecot.index", "index"), ("", "index"), ("dovecot.index.log", "log"), ("nosuch", "")],
)
def test_detection(folder: Path, name: str, found: str) -> None:
    matching = (d.name for d in dumpers(None) if d.detect(str(folder / name)))

    assert next(matching, "") == found


@pytest.mark.parametrize("name", ["dovecot.index", "dovecot.index.log", "dovecot.index.cache"])
def test_a_flipped_byte_is_an_error_or_a_dump(folder: Path, name: str) -> None:
    path = folder / name
    whole = path.read_bytes()
    dumper = LOG if name.endswith(".log") else INDEX
    target = str(path if name.endswith(".log") else folder)
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        with suppress(AdmError):
            assert list(dumper.dump(target, []))


@pytest.mark.parametrize("name", ["dovecot.index", "dovecot.index.log"])
def test_a_cut_file_is_an_error_or_a_dump(folder: Path, name: str) -> None:
    path = folder / name
    whole = path.read_bytes()
    dumper = LOG if name.endswith(".log") else INDEX
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with suppress(AdmError):
            assert list(dumper.dump(str(path), []))


def test_what_is_not_there(tmp_path: Path) -> None:
    for dumper in dumpers(None):
        assert not dumper.detect(str(tmp_path / "x.log"))
        with pytest.raises(AdmError):
            list(dumper.dump(str(tmp_path / "x.log"), []))
    with pytest.raises(AdmError, match="Invalid uid number x"):
        list(INDEX.dump(str(tmp_path), ["x"]))
