"""APPEND."""

from __future__ import annotations

import errno

import pytest
import trio

from culver.testing.faults import failing
from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer


async def test_what_was_given_is_there(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        date = "07-Feb-1994 21:52:25 -0800"
        answer = await alice.append("INBOX", mail("a"), r"\Seen $Work", date)
        assert answer.code == "APPENDUID"
        await alice.select()
        (row,) = (await alice.fetch(1, "(FLAGS INTERNALDATE BODY.PEEK[])")).fetched().values()
        assert row["FLAGS"] == [b"\\Seen", b"\\Recent", b"$Work"]
        assert row["BODY[]"] == mail("a")
        stamp = row["INTERNALDATE"]
        assert isinstance(stamp, bytes)
        assert b"Feb-1994" in stamp


async def test_uid_is_the_one_told(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail("a"))
        answer = await alice.append("INBOX", mail("b"))
        validity, uid = answer.arguments.split()
        selected = await alice.select()
        assert selected.codes()["UIDVALIDITY"] == validity
        (row,) = (await alice.fetch(2, "(UID)")).fetched().values()
        assert row["UID"] == int(uid)


async def test_several_at_once(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        answer = await alice.command("APPEND INBOX {} (\\Seen) {}", mail("a"), mail("b"))
        assert (answer.code, answer.arguments.split()[1]) == ("APPENDUID", "1:2")
        assert await alice.status("INBOX", "MESSAGES UNSEEN") == {"MESSAGES": 2, "UNSEEN": 1}


async def test_the_selected_mailbox_is_told_at_once(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.select()
        answer = await alice.append("INBOX", mail())
        assert answer.numbered("EXISTS") == [1]


@pytest.mark.parametrize("size", [5, 300_000])
async def test_nowhere(culver: StartServer, size: int) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        answer = await alice.append("Nowhere", b"x" * size)
        assert (answer.status, answer.code) == ("NO", "TRYCREATE")
        assert (await alice.command("NOOP")).ok


async def test_an_empty_message(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        assert (await alice.append("INBOX", b"")).status == "NO"
        assert await alice.status("INBOX", "MESSAGES") == {"MESSAGES": 0}


async def test_a_large_message_is_streamed(culver: StartServer) -> None:
    line = b"z" * 998 + b"\r\n"
    size = 30_000_000
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.send(b"a APPEND INBOX {%d}\r\n" % size)
        assert (await alice.read_line()).startswith(b"+")
        for _ in range(size // 100_000):
            await alice.send(line * 100)
            await trio.lowlevel.checkpoint()
        await alice.send(b"\r\n")
        assert (await alice.answer(b"a")).code == "APPENDUID"
        await alice.select()
        (row,) = (
            (await alice.fetch(1, "(RFC822.SIZE BODY.PEEK[]<29999000.2000>)")).fetched().values()
        )
        assert row == {"RFC822.SIZE": size, "BODY[]<29999000>": line}


async def test_a_large_message_into_a_full_spool(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        with failing("tempfile", errno.ENOSPC):
            answer = await alice.append("INBOX", b"x" * 300_000)
        assert (answer.status, answer.code) == ("NO", "LIMIT")
        assert (await alice.command("NOOP")).ok


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errno.ENOSPC, "LIMIT"),
        (errno.EDQUOT, "OVERQUOTA"),
        (errno.EIO, "UNAVAILABLE"),
        (errno.EACCES, "NOPERM"),
    ],
)
async def test_disk_trouble(culver: StartServer, error: int, code: str) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        with failing("write", error, path="*/Maildir/tmp/*"):
            answer = await alice.append("INBOX", mail())
        assert (answer.status, answer.code) == ("NO", code)
        assert str(server.root) not in answer.text
        assert list((server.home("alice") / "Maildir/tmp").iterdir()) == []
        assert (await alice.append("INBOX", mail())).ok


async def test_a_message_cut_off_is_not_saved(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.send(b"a APPEND INBOX {300000+}\r\n" + b"x" * 200_000)
        await alice.aclose()
        other = await server.imap("alice")
        assert await other.status("INBOX", "MESSAGES") == {"MESSAGES": 0}
