"""COPY, MOVE, EXPUNGE and their UID forms."""

from __future__ import annotations

import errno

import pytest

from culver.testing.faults import failing
from culver.testing.imap_client import ImapClient
from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer
from culver.testing.server import TestServer


async def filled(server: TestServer) -> ImapClient:
    alice = await server.imap("alice")
    await alice.command("CREATE there")
    await alice.append("there", mail("first"))
    await alice.append("INBOX", mail("a"), r"\Seen $Work", "07-Feb-1994 21:52:25 +0000")
    await alice.append("INBOX", mail("b"), r"\Deleted")
    await alice.append("INBOX", mail("c"), r"\Deleted")
    await alice.select()
    return alice


@pytest.mark.parametrize(("command", "source"), [("COPY 1,3", "1,3"), ("UID COPY 2:9", "2:3")])
async def test_copy(culver: StartServer, command: str, source: str) -> None:
    async with culver() as server:
        alice = await filled(server)
        answer = await alice.command(f"{command} there")
        assert answer.code == "COPYUID"
        assert answer.arguments.split()[1:] == [source, "2:3"]
        assert await alice.status("there", "MESSAGES") == {"MESSAGES": 3}
        assert (await alice.search("ALL")).searched() == [1, 2, 3]


async def test_a_copy_keeps_flags_and_date(culver: StartServer) -> None:
    async with culver() as server:
        alice = await filled(server)
        await alice.command("COPY 1 there")
        await alice.select("there")
        (row,) = (await alice.fetch(2, "(FLAGS INTERNALDATE BODY.PEEK[])")).fetched().values()
        assert row["BODY[]"] == mail("a")
        flags, date = row["FLAGS"], row["INTERNALDATE"]
        assert isinstance(flags, list)
        assert {b"\\Seen", b"$Work"} <= set(flags)
        assert isinstance(date, bytes)
        assert b"07-Feb-1994" in date


@pytest.mark.parametrize("command", ["COPY", "MOVE", "UID COPY", "UID MOVE"])
async def test_refusals(culver: StartServer, command: str) -> None:
    async with culver() as server:
        alice = await filled(server)
        assert (await alice.command(f"{command} 1 nowhere")).code == "TRYCREATE"
        missing = await alice.command(f"{command} 9 there")
        assert missing.status == ("OK" if command.startswith("UID") else "BAD")
        assert (await alice.search("ALL")).searched() == [1, 2, 3]


@pytest.mark.parametrize("command", ["MOVE 1:2", "UID MOVE 1:2"])
async def test_move(culver: StartServer, command: str) -> None:
    async with culver() as server:
        alice = await filled(server)
        answer = await alice.command(f"{command} there")
        assert answer.codes()["COPYUID"].split()[1:] == ["1:2", "2:3"]
        assert sorted(answer.numbered("EXPUNGE")) in ([1, 1], [1, 2])
        kinds = [line.split()[-1] for line in answer.untagged if line.endswith(b"EXPUNGE")]
        assert answer.untagged[0].startswith(b"OK [COPYUID")
        assert len(kinds) == 2
        assert (await alice.search("ALL", uid=True)).searched() == [3]


async def test_copy_into_itself(culver: StartServer) -> None:
    async with culver() as server:
        alice = await filled(server)
        answer = await alice.command("COPY 1:3 INBOX")
        assert answer.arguments.split()[1:] == ["1:3", "4:6"]
        assert answer.numbered("EXISTS") == [6]


async def test_expunge(culver: StartServer) -> None:
    async with culver() as server:
        alice = await filled(server)
        answer = await alice.command("UID EXPUNGE 3")
        assert answer.numbered("EXPUNGE") == [3]
        answer = await alice.command("EXPUNGE")
        assert answer.numbered("EXPUNGE") == [2]
        assert (await alice.command("EXPUNGE")).untagged == ()


async def test_several_expunges_count_down(culver: StartServer) -> None:
    async with culver() as server:
        alice = await filled(server)
        left = [1, 2, 3]
        for number in (await alice.command("EXPUNGE")).numbered("EXPUNGE"):
            del left[number - 1]
        assert left == [1]


@pytest.mark.parametrize("command", ["COPY", "MOVE"])
async def test_a_full_disk_changes_nothing(culver: StartServer, command: str) -> None:
    async with culver() as server:
        alice = await filled(server)
        with failing("rename", errno.ENOSPC, path="*/.there/tmp/*", after=1):
            answer = await alice.command(f"{command} 1:3 there")
        assert (answer.status, answer.code) == ("NO", "LIMIT")
        assert await alice.status("there", "MESSAGES") == {"MESSAGES": 1}
        assert (await alice.search("ALL")).searched() == [1, 2, 3]
        assert list((server.home("alice") / "Maildir/.there/tmp").iterdir()) == []
