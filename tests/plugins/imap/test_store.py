"""STORE and UID STORE."""

from __future__ import annotations

import pytest

from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer

CHANGES = [
    (r"FLAGS (\Seen)", {b"\\Seen"}),
    (r"+FLAGS (\Seen)", {b"\\Flagged", b"\\Seen", b"$Old"}),
    (r"-FLAGS (\Flagged)", {b"$Old"}),
    (r"-FLAGS ($OLD)", {b"\\Flagged"}),
    ("FLAGS ()", set[bytes]()),
    (r"+FLAGS $New", {b"\\Flagged", b"$Old", b"$New"}),
    (r"+FLAGS (\Draft \Answered \Deleted)",
     {b"\\Flagged", b"$Old", b"\\Draft", b"\\Answered", b"\\Deleted"}),
]  # fmt: skip


@pytest.mark.parametrize("uid", [False, True])
@pytest.mark.parametrize(("change", "flags"), CHANGES, ids=[row[0] for row in CHANGES])
async def test_changes(culver: StartServer, change: str, flags: set[bytes], uid: bool) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail(), r"\Flagged $Old")
        await alice.select()
        (row,) = (await alice.store(1, change, uid=uid)).fetched().values()
        told = row["FLAGS"]
        assert isinstance(told, list)
        assert set(told) - {b"\\Recent"} == flags
        assert row.get("UID") == (1 if uid else None)
        # Another session sees the same on the disk.
        other = await server.imap("alice")
        await other.select()
        (row,) = (await other.fetch(1, "FLAGS")).fetched().values()
        assert set(row["FLAGS"] or []) == flags  # type: ignore[arg-type]


async def test_silent(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail())
        await alice.select()
        assert (await alice.store(1, r"+FLAGS.SILENT (\Seen)")).fetched() == {}
        await alice.command("ENABLE CONDSTORE")
        answer = await alice.store(1, r"+FLAGS.SILENT (\Draft)")
        # RFC 7162 3.1.3: the new modseq is told even so.
        assert "MODSEQ" in answer.fetched()[1]


async def test_unchanged_since(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail())
        await alice.append("INBOX", mail())
        modseq = (await alice.select()).codes()["HIGHESTMODSEQ"]
        assert (await alice.store(1, r"+FLAGS (\Seen)")).ok
        answer = await alice.store("1:2", rf"(UNCHANGEDSINCE {modseq}) +FLAGS (\Deleted)")
        assert (answer.code, answer.arguments) == ("MODIFIED", "1")
        answer = await alice.store("1:2", rf"(UNCHANGEDSINCE {modseq}) +FLAGS (\Draft)", uid=True)
        assert (answer.code, answer.arguments) == ("MODIFIED", "1:2")
        flags = {
            n: row["FLAGS"] for n, row in (await alice.fetch("1:2", "FLAGS")).fetched().items()
        }
        assert flags == {1: [b"\\Seen", b"\\Recent"], 2: [b"\\Deleted", b"\\Recent"]}


async def test_numbers_that_are_not_there(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail())
        await alice.select()
        answer = await alice.store("1:2", r"+FLAGS (\Seen)")
        assert answer.text == "Error in IMAP command STORE: Invalid messageset"
        assert (await alice.store("2", r"+FLAGS (\Seen)", uid=True)).ok


async def test_a_new_keyword_is_announced_first(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail())
        await alice.select()
        answer = await alice.store(1, "+FLAGS ($New)")
        assert answer.untagged[0].endswith(b"$New)")
        assert answer.untagged[0].startswith(b"FLAGS")
        answer = await alice.store(1, "+FLAGS ($New)")
        assert answer.of("FLAGS") == []
