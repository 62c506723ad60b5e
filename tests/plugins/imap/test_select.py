"""SELECT, EXAMINE, CLOSE, UNSELECT, CHECK, NOOP; two sessions on one mailbox; QRESYNC."""

from __future__ import annotations

import pytest

from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer


async def test_what_is_told(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail(), r"\Seen")
        await alice.append("INBOX", mail(), "$Work")
        answer = await alice.select()
        assert answer.code == "READ-WRITE"
        assert answer.numbered("EXISTS") == [2]
        assert answer.numbered("RECENT") == [2]
        codes = answer.codes()
        assert (codes["UNSEEN"], codes["UIDNEXT"]) == ("2", "3")
        assert codes["PERMANENTFLAGS"].endswith("$Work \\*)")
        assert int(codes["HIGHESTMODSEQ"]) > 0


async def test_recent_is_for_one_session_only(culver: StartServer) -> None:
    async with culver() as server:
        await server.deliver("alice", mail())
        first, second = await server.imap("alice"), await server.imap("alice")
        assert (await first.examine()).numbered("RECENT") == [1]
        assert (await first.select()).numbered("RECENT") == [1]
        assert (await second.select()).numbered("RECENT") == [0]


async def test_examine_changes_nothing(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail(), r"\Deleted")
        answer = await alice.examine()
        assert answer.code == "READ-ONLY"
        assert answer.codes()["PERMANENTFLAGS"] == "()"
        assert (await alice.store(1, r"+FLAGS (\Seen)")).status == "NO"
        assert (await alice.command("EXPUNGE")).status == "NO"
        assert (await alice.command("MOVE 1 INBOX")).status == "NO"
        (row,) = (await alice.fetch(1, "(BODY[] FLAGS)")).fetched().values()
        assert b"\\Seen" not in (row["FLAGS"] or [])  # type: ignore[operator]
        assert (await alice.command("CLOSE")).ok
        assert await alice.status("INBOX", "MESSAGES") == {"MESSAGES": 1}


async def test_a_failed_select_leaves_nothing_selected(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.select()
        answer = await alice.select("nowhere")
        assert (answer.status, answer.code) == ("NO", "NONEXISTENT")
        assert (await alice.fetch(1, "FLAGS")).text == "No mailbox selected."


@pytest.mark.parametrize(("command", "left"), [("CLOSE", 0), ("UNSELECT", 1)])
async def test_leaving(culver: StartServer, command: str, left: int) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail(), r"\Deleted")
        await alice.select()
        answer = await alice.command(command)
        assert (answer.ok, answer.untagged) == (True, ())
        assert (await alice.command("CHECK")).status == "BAD"
        assert await alice.status("INBOX", "MESSAGES") == {"MESSAGES": left}


async def test_two_sessions_see_each_other(culver: StartServer) -> None:
    async with culver() as server:
        one, two = await server.imap("alice"), await server.imap("alice")
        await one.append("INBOX", mail("a"))
        await one.append("INBOX", mail("b"))
        await one.select()
        await two.select()
        await one.store(1, r"+FLAGS (\Flagged $New)")
        seen = await two.command("NOOP")
        assert seen.fetched() == {1: {"FLAGS": [b"\\Flagged", b"$New"]}}
        assert any(line.startswith(b"FLAGS (") and b"$New" in line for line in seen.untagged)
        await one.store(1, r"+FLAGS.SILENT (\Deleted)")
        assert (await one.command("EXPUNGE")).numbered("EXPUNGE") == [1]
        await one.append("INBOX", mail("c"))
        seen = await two.command("NOOP")
        assert seen.numbered("EXPUNGE") == [1]
        assert seen.numbered("EXISTS") == [2]
        assert (await two.command("NOOP")).untagged == ()


async def test_numbers_stay_while_they_are_used(culver: StartServer) -> None:
    async with culver() as server:
        one, two = await server.imap("alice"), await server.imap("alice")
        for subject in "abc":
            await one.append("INBOX", mail(subject))
        await one.select()
        await two.select()
        await one.store(1, r"+FLAGS.SILENT (\Deleted)")
        await one.command("EXPUNGE")
        for command in ("FETCH 3 (UID)", "STORE 3 +FLAGS (\\Seen)", "SEARCH UID 3"):
            answer = await two.command(command)
            assert answer.numbered("EXPUNGE") == [], command
        gone = await two.fetch(1, "BODY.PEEK[]")
        assert gone.code == "EXPUNGEISSUED"
        assert (await two.fetch(3, "(UID)", uid=True)).numbered("EXPUNGE") == [1]


async def test_closed_is_told(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.command("CREATE a")
        assert "CLOSED" not in (await alice.select()).codes()
        assert "CLOSED" in (await alice.select("a")).codes()


async def test_qresync_must_be_enabled(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        assert (await alice.select("INBOX", "(QRESYNC (1 1))")).status == "BAD"
        await alice.append("INBOX", mail())
        await alice.select()
        answer = await alice.fetch("1:*", "(UID) (CHANGEDSINCE 1 VANISHED)", uid=True)
        assert answer.status == "BAD"


async def test_coming_back(culver: StartServer) -> None:
    async with culver() as server:
        alice, other = await server.imap("alice"), await server.imap("alice")
        for subject in "abcd":
            await alice.append("INBOX", mail(subject))
        await alice.command("ENABLE QRESYNC")
        codes = (await alice.select()).codes()
        await alice.command("UNSELECT")
        await other.select()
        await other.store(2, r"+FLAGS.SILENT (\Deleted)")
        await other.store(4, r"+FLAGS.SILENT (\Seen)")
        await other.command("EXPUNGE")
        known = f"({codes['UIDVALIDITY']} {codes['HIGHESTMODSEQ']})"
        answer = await alice.select("INBOX", f"(QRESYNC {known})")
        assert answer.of("VANISHED") == [b"(EARLIER) 2"]
        assert [row["UID"] for row in answer.fetched().values()] == [4]
        # Of another life of the mailbox nothing is known.
        answer = await alice.select("INBOX", "(QRESYNC (1 1))")
        assert (answer.of("VANISHED"), answer.fetched()) == ([], {})


async def test_vanished_instead_of_expunge(culver: StartServer) -> None:
    async with culver() as server:
        alice, other = await server.imap("alice"), await server.imap("alice")
        for subject in "abcd":
            await alice.append("INBOX", mail(subject))
        await alice.command("ENABLE QRESYNC")
        await alice.select()
        await other.select()
        await other.store("2:3", r"+FLAGS.SILENT (\Deleted)")
        await other.command("EXPUNGE")
        assert (await alice.command("NOOP")).of("VANISHED") == [b"2:3"]
        await alice.store(1, r"+FLAGS.SILENT (\Deleted)")
        answer = await alice.command("EXPUNGE")
        assert answer.of("VANISHED") == [b"1"]
        assert answer.code == "HIGHESTMODSEQ"
        answer = await alice.fetch("1:9", "(UID) (CHANGEDSINCE 1 VANISHED)", uid=True)
        assert answer.of("VANISHED") == [b"(EARLIER) 1:3"]
