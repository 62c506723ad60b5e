"""SEARCH and UID SEARCH."""

from __future__ import annotations

import pytest

from culver.testing.imap_client import ImapClient
from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer
from culver.testing.server import TestServer


async def filled(server: TestServer) -> ImapClient:
    """Four messages; the first was expunged, so that UIDs are not the numbers."""
    alice = await server.imap("alice")
    await alice.append("INBOX", mail("gone"), r"\Deleted")
    await alice.append(
        "INBOX", mail("Apples", "about apples\r\n", date="Tue, 1 Feb 1994 10:00:00 +0000"),
        r"\Seen", "03-Feb-1994 10:00:00 +0000",
    )  # fmt: skip
    await alice.append(
        "INBOX", mail("Pears", "x" * 500, cc="Bob <bob@example.org>"), r"\Flagged $Work"
    )
    await alice.append(
        "INBOX", mail("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "grün\r\n"), r"\Answered \Draft"
    )
    await alice.select()
    await alice.command("EXPUNGE")
    return alice


QUERIES = [
    ("ALL", [1, 2, 3]),
    ("SEEN", [1]),
    ("UNSEEN", [2, 3]),
    ("NOT FLAGGED", [1, 3]),
    ("KEYWORD $work", [2]),
    ("UNKEYWORD $Work", [1, 3]),
    ("KEYWORD nothing", []),
    ("DRAFT ANSWERED", [3]),
    ("OR SEEN FLAGGED", [1, 2]),
    ("RECENT", [1, 2, 3]),
    ("NEW", [2, 3]),
    ("OLD", []),
    ("2:*", [2, 3]),
    ("NOT 2", [1, 3]),
    ("UID 2", [1]),
    ("UID 3:*", [2, 3]),
    ("UID 100:*", [3]),
    ("BEFORE 4-Feb-1994", [1]),
    ("ON 3-Feb-1994", [1]),
    ("SINCE 4-Feb-1994", [2, 3]),
    ("SENTON 1-Feb-1994", [1]),
    ("SENTBEFORE 2-Feb-1994", [1]),
    ("LARGER 400", [2]),
    ("SMALLER 400", [1, 3]),
    ("SUBJECT apples", [1]),
    ("SUBJECT a", [1, 2]),
    ("FROM sender@example.org", [1, 2, 3]),
    ("CC bob", [2]),
    ("HEADER Cc {}", [2]),
    ("TO nobody", []),
    ("BODY apples", [1]),
    ("TEXT Apples", [1]),
    ("TEXT xxxxxx", [2]),
    ("(SEEN SUBJECT Apples)", [1]),
    ("OLDER 3600", [1]),
    ("YOUNGER 3600", [2, 3]),
    ("MODSEQ 1", [1, 2, 3]),
    ("ALL NOT ALL", []),
]


@pytest.mark.parametrize(("query", "found"), QUERIES, ids=[row[0] for row in QUERIES])
async def test_queries(culver: StartServer, query: str, found: list[int]) -> None:
    async with culver() as server:
        alice = await filled(server)
        literals = (b"",) if "{}" in query else ()
        answer = await alice.command(f"SEARCH {query}", *literals)
        assert answer.ok
        line = answer.of("SEARCH")[0].partition(b" (MODSEQ")[0]
        assert [int(word) for word in line.split()] == found
        answer = await alice.command(f"UID SEARCH {query}", *literals)
        line = answer.of("SEARCH")[0].partition(b" (MODSEQ")[0]
        assert [int(word) for word in line.split()] == [number + 1 for number in found]


async def test_charsets(culver: StartServer) -> None:
    async with culver() as server:
        alice = await filled(server)
        for key in ("SUBJECT", "TEXT"):
            answer = await alice.command(f"SEARCH CHARSET UTF-8 {key} {{}}", "GRÜSSE".encode())
            assert answer.ok
            answer = await alice.command(f"SEARCH CHARSET UTF-8 {key} {{}}", "GRÜ".encode())
            assert answer.searched() == [3]
        answer = await alice.search("CHARSET X-NONE ALL")
        assert (answer.status, answer.code) == ("NO", "BADCHARSET")


EXTENDED = [
    ("()", "ALL 1:3"),
    ("(MIN)", "MIN 1"),
    ("(MAX COUNT)", "MAX 3 COUNT 3"),
    ("(MIN MAX ALL COUNT)", "MIN 1 MAX 3 ALL 1:3 COUNT 3"),
]


@pytest.mark.parametrize(("options", "result"), EXTENDED)
async def test_esearch(culver: StartServer, options: str, result: str) -> None:
    async with culver() as server:
        alice = await filled(server)
        answer = await alice.command(f"SEARCH RETURN {options} ALL")
        (line,) = answer.of("ESEARCH")
        words = line.decode().partition(") ")[2]
        parts = iter(words.split())
        expected = iter(result.split())
        assert dict(zip(parts, parts, strict=True)) == dict(zip(expected, expected, strict=True))


async def test_esearch_of_nothing(culver: StartServer) -> None:
    async with culver() as server:
        alice = await filled(server)
        answer = await alice.command("UID SEARCH RETURN (MIN COUNT) SUBJECT nothing")
        (line,) = answer.of("ESEARCH")
        assert line.endswith(b") UID COUNT 0")


async def test_saved_results(culver: StartServer) -> None:
    async with culver() as server:
        alice = await filled(server)
        assert (await alice.search("RETURN (SAVE) UNSEEN")).untagged == ()
        assert list((await alice.fetch("$", "FLAGS")).fetched()) == [2, 3]
        assert (await alice.search("$ FLAGGED")).searched() == [2]
        assert (await alice.search("RETURN (SAVE MIN) UNSEEN")).of("ESEARCH")
        assert (await alice.search("$")).searched() == [2]
        await alice.store("$", r"+FLAGS.SILENT (\Deleted)")
        await alice.command("EXPUNGE")
        assert (await alice.search("$")).searched() == []
        assert (await alice.search("RETURN (SAVE) CHARSET X-NONE ALL")).status == "NO"


async def test_modseq_is_told(culver: StartServer) -> None:
    async with culver() as server:
        alice = await filled(server)
        (line,) = (await alice.search("MODSEQ 1")).of("SEARCH")
        assert line.startswith(b"1 2 3 (MODSEQ ")
