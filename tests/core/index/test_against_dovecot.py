"""Dovecot's doveadm is the oracle: what one writes the other reads, alternately and together."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from culver.index.cachefile import CacheFile
from culver.index.engine import MailboxIndex
from culver.index.mailflags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN
from culver.index.settings import IndexSettings
from culver.index.vanished import changes_since
from culver.index.view import View

if TYPE_CHECKING:
    from tests.core.index.conftest import Dovecot


pytestmark = pytest.mark.interop

NAMES = {
    ANSWERED: "\\Answered",
    FLAGGED: "\\Flagged",
    DELETED: "\\Deleted",
    SEEN: "\\Seen",
    DRAFT: "\\Draft",
}


def opened(dovecot: "Dovecot") -> MailboxIndex:
    # World writable: Dovecot runs as another user than the test.
    index = MailboxIndex(dovecot.inbox, IndexSettings(fsync="never", mode=0o666))
    index.open()
    return index


def ours(index: MailboxIndex) -> dict[int, tuple[set[str], int]]:
    state = index.state
    found = {}
    for place, uid in enumerate(state.uids.tolist()):
        flags = {name for bit, name in NAMES.items() if state.flags[place] & bit}
        keywords = set(state.keyword_names(place))
        found[uid] = (flags | keywords, int(state.modseqs[place]))
    return found


def remove_file(dovecot: "Dovecot", uid: int) -> None:
    if dovecot.format == "sdbox":
        (dovecot.inbox / f"u.{uid}").unlink()


def test_we_read_what_dovecot_wrote(dovecot: "Dovecot") -> None:
    dovecot.save(6)
    dovecot.fetch()
    dovecot.adm("flags", "add", "\\Seen \\Flagged $Junk work", "uid", "2:4")
    dovecot.adm("flags", "remove", "\\Flagged work", "uid", "3")
    dovecot.adm("flags", "replace", "\\Answered other", "uid", "6")
    dovecot.adm("expunge", "mailbox", "INBOX", "uid", "1,5")

    with_log = opened(dovecot)
    expected = dovecot.fetch()
    with_log.refresh()

    assert ours(with_log) == expected
    assert set(expected) == {2, 3, 4, 6}
    status = dovecot.adm("-f", "tab", "mailbox", "status", "uidnext uidvalidity unseen", "INBOX")
    numbers = status.splitlines()[1].split("\t")[1:]
    header = with_log.state.header
    unseen = with_log.state.messages - with_log.state.seen
    assert [int(n) for n in numbers] == [header.next_uid, header.uid_validity, unseen]


def test_dovecot_reads_what_we_wrote(dovecot: "Dovecot") -> None:
    dovecot.save(5)
    dovecot.fetch()
    index = opened(dovecot)

    change = index.begin(external=dovecot.format != "maildir")
    change.update_flags([1, 2, 3], add=SEEN)
    change.update_flags([3], add=FLAGGED, remove=SEEN)
    change.add_keyword("$Forwarded", [2, 5])
    change.add_keyword("new-one", [5])
    change.commit()
    if dovecot.format != "maildir":
        gone = index.begin()
        gone.expunge([4])
        remove_file(dovecot, 4)
        gone.commit()

    found = dovecot.fetch()
    index.refresh()
    assert found == ours(index)
    flags = {uid: f for uid, (f, _) in found.items()}
    assert flags[1] == {"\\Seen"}
    assert flags[2] == {"\\Seen", "$Forwarded"}
    assert flags[3] == {"\\Flagged"}
    assert flags[5] == {"$Forwarded", "new-one"}
    assert dovecot.complaints() == ""
    if dovecot.format == "maildir":
        dovecot.save(1)  # The next synchronization renames the files.
        index.refresh()
        names = [p.name for d in ("cur", "new") for p in Path(dovecot.inbox / d).iterdir()]
        flagged = [name.rpartition(":2,")[2] for name in names if ":2," in name]
        assert sorted(filter(None, flagged)) == ["F", "S", "Sa", "ab"]
        assert index.requests == []


def test_an_expunge_request_is_done_by_dovecot(dovecot: "Dovecot") -> None:
    dovecot.save(3)
    dovecot.fetch()
    index = opened(dovecot)
    ask = index.begin(external=False)
    ask.expunge([2])
    ask.commit()
    assert len(index.requests) == 1
    assert index.state.uids.tolist() == [1, 2, 3]

    dovecot.adm("search", "all")
    dovecot.save(1)
    index.refresh()

    assert index.state.uids.tolist() == [1, 3, 4]
    assert index.requests == []
    assert set(dovecot.fetch()) == {1, 3, 4}
    assert dovecot.complaints() == ""


def test_alternating_with_rewrites_and_rotations(dovecot: "Dovecot") -> None:
    dovecot.save(4)
    dovecot.fetch()
    index = opened(dovecot)
    external = dovecot.format != "maildir"
    for turn in range(4):
        change = index.begin(external)
        change.update_flags([1 + turn], add=SEEN)
        change.add_keyword(f"turn{turn}", [1, 4])
        change.commit()
        assert dovecot.fetch() == (index.refresh(), ours(index))[1]
        with index.lock():
            if index.requests:
                continue
            if turn % 2:
                index.rotate()
            else:
                index.rewrite()
        dovecot.adm("flags", "add", f"\\Flagged dovecot{turn}", "uid", str(1 + turn))
        assert dovecot.fetch() == (index.refresh(), ours(index))[1]
        assert index.state.uids.tolist() == [1, 2, 3, 4]
    again = opened(dovecot)
    assert ours(again) == ours(index)
    assert dovecot.complaints() == ""


def test_dovecot_reads_our_index_file(dovecot: "Dovecot") -> None:
    dovecot.save(3)
    dovecot.adm("flags", "add", "\\Seen k1 k2", "uid", "1:2")
    before = dovecot.fetch()
    index = opened(dovecot)
    with index.lock():
        index.rotate()

    dump = dovecot.adm("dump", "-t", "index", str(dovecot.inbox))
    assert "messages count ........... = 3" in dump
    assert "seen messages count ...... = 2" in dump
    assert "= k2" in dump
    assert dovecot.fetch() == before
    assert dovecot.complaints() == ""


def test_a_view_follows_dovecot(dovecot: "Dovecot") -> None:
    dovecot.save(4)
    dovecot.fetch()
    index = opened(dovecot)
    view = View(index)
    start = view.modseq
    dovecot.adm("expunge", "mailbox", "INBOX", "uid", "2")
    dovecot.adm("flags", "add", "\\Answered", "uid", "3")
    dovecot.save(1)
    index.refresh()

    changes = view.sync()

    assert changes.expunged.tolist() == [2]
    assert changes.changed.tolist() == [3]
    assert changes.appeared.tolist() == [5]
    since = changes_since(index, start)
    assert since.complete
    assert since.vanished.tolist() == [2]
    assert since.changed.tolist() == [3, 5]


def test_both_write_at_the_same_time(dovecot: "Dovecot") -> None:
    dovecot.save(3)
    dovecot.fetch()
    index = opened(dovecot)
    external = dovecot.format != "maildir"
    running = [
        dovecot.start("flags", "add", f"\\Flagged d{n}", "mailbox", "INBOX", "uid", "1")
        for n in range(4)
    ]
    for n in range(40):
        change = index.begin(external)
        change.add_keyword(f"c{n % 8}", [2])
        change.update_flags([3], **({"add": SEEN} if n % 2 else {"remove": SEEN}))
        change.commit()
    for process in running:
        process.communicate(timeout=60)

    found = dovecot.fetch()
    index.refresh()
    assert found == ours(index)
    assert found[1][0] == {"\\Flagged", "d0", "d1", "d2", "d3"}
    assert found[2][0] == {f"c{n}" for n in range(8)}
    assert found[3][0] == {"\\Seen"}
    assert dovecot.complaints() == ""


def test_the_cache_goes_both_ways(dovecot: "Dovecot") -> None:
    dovecot.save(3)
    dovecot.adm("fetch", "hdr.subject imap.envelope size.virtual date.received", "all")
    index = opened(dovecot)
    cache = CacheFile(index)
    found = cache.lookup([1, 2, 3], ["hdr.subject", "size.virtual"])
    for n, values in enumerate(found):
        assert f"Subject: mail {n}".encode() in values["hdr.subject"]
        assert dovecot.format == "maildir" or len(values["size.virtual"]) == 8

    # Values that the mails do not have show that Dovecot took them from our records.
    made_up = b'NIL "made up" NIL NIL NIL NIL NIL NIL NIL NIL'
    with index.lock():
        change = index.begin()
        cache.add(change, [2], {"imap.envelope": [made_up]})
        change.commit()
    got = dovecot.adm("-f", "tab", "fetch", "uid imap.envelope", "all").splitlines()
    assert "made up" in got[2]
    assert "mail 0" in got[1]

    with index.lock():
        change = index.begin()
        cache.purge(change)
        change.commit()
    got = dovecot.adm("-f", "tab", "fetch", "uid imap.envelope", "all").splitlines()
    assert "made up" in got[2]
    dovecot.adm("fetch", "hdr.from imap.bodystructure", "all")
    index.refresh()
    assert b"a@example.org" in cache.lookup([3], ["hdr.from"])[0]["hdr.from"]
    assert dovecot.complaints() == ""


def test_dovecot_uses_a_cache_that_we_made(dovecot: "Dovecot") -> None:
    dovecot.save(2)
    (dovecot.inbox / "dovecot.index.cache").unlink()
    index = opened(dovecot)
    cache = CacheFile(index)
    made_up = b'NIL "made up" NIL NIL NIL NIL NIL NIL NIL NIL'
    with index.lock():
        change = index.begin()
        cache.add(change, [1], {"imap.envelope": [made_up]})
        change.commit()
    os.chmod(cache.path, 0o666)

    got = dovecot.adm("-f", "tab", "fetch", "uid imap.envelope", "all").splitlines()
    assert "made up" in got[1]
    assert "mail 1" in got[2]
    assert dovecot.complaints() == ""


def test_many_keywords_and_extensions(dovecot: "Dovecot") -> None:
    dovecot.save(3)
    dovecot.fetch()
    index = opened(dovecot)
    external = dovecot.format != "maildir"
    for n in range(45):
        change = index.begin(external)
        change.add_keyword(f"key{n:02}", [1 + n % 3])
        change.commit()
    assert dovecot.fetch() == (index.refresh(), ours(index))[1]
    dovecot.adm("search", "all")
    dovecot.save(1)
    index.refresh()
    with index.lock():
        assert index.requests == []
        index.rotate()
    dovecot.adm("flags", "add", "zz1 zz2 \\Draft", "uid", "4")
    found = dovecot.fetch()
    index.refresh()
    assert found == ours(index)
    assert found[4][0] == {"\\Draft", "zz1", "zz2"}
    assert len(found[1][0]) == 15
    assert dovecot.complaints() == ""


@pytest.mark.parametrize("dovecot", ["mdbox"], indirect=True)
def test_the_map_of_mdbox(dovecot: "Dovecot") -> None:
    dovecot.save(4)
    storage = dovecot.folder / "mail/storage"
    settings = IndexSettings(fsync="never", mode=0o666)
    found = MailboxIndex(storage, settings, name="dovecot.map.index")
    found.open()
    assert found.state.messages == 4
    assert found.state.numbers("ref", "<u2").tolist() == [1, 1, 1, 1]
    dovecot.adm("expunge", "mailbox", "INBOX", "uid", "2")
    found.refresh()
    assert found.state.numbers("ref", "<u2").tolist() == [1, 0, 1, 1]
    with found.lock():
        found.rotate()
    dovecot.save(1)
    dovecot.adm("purge")
    found.refresh()
    assert found.state.numbers("ref", "<u2").tolist() == [1, 1, 1, 1]
    assert len(dovecot.adm("fetch", "text", "all")) > 100
    assert dovecot.complaints() == ""
