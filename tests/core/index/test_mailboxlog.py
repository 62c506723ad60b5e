"""Entries of dovecot.mailbox.log, through a rotation and a torn write."""

from pathlib import Path

from culver.index.mailboxlog import CREATE_DIR, RENAME, MailboxEvent, append_event, read_events


def test_entries_are_found_again(tmp_path: Path) -> None:
    path = str(tmp_path / "dovecot.mailbox.log")
    assert list(read_events(path)) == []
    events = [MailboxEvent(1 + n % 6, bytes([n]) * 16, 1_700_000_000 + n) for n in range(200)]
    for event in events:
        append_event(path, event)
    assert (tmp_path / "dovecot.mailbox.log.2").exists()
    assert list(read_events(path)) == events


def test_the_bytes_are_dovecots(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append_event(str(path), MailboxEvent(RENAME, b"g" * 16, 0x01020304))
    assert path.read_bytes() == b"\3\0\0\0" + b"g" * 16 + b"\1\2\3\4"


def test_a_torn_entry_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append_event(str(path), MailboxEvent(CREATE_DIR, b"g" * 16, 1))
    path.write_bytes(path.read_bytes() + b"\1\0\0\0half")
    assert [e.type for e in read_events(str(path))] == [CREATE_DIR]
