"""LMTP sessions over memory streams: trouble on either side."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from culver.testing.faults import Operation, failing
from culver.testing.imap_client import ConnectionEnded
from culver.testing.lmtp_client import LmtpClient
from culver.testing.pytest_plugin import StartServer
from culver.testing.server import TestServer
from culver_events.connection import ClientConnectionDisconnected
from culver_events.delivery import MailDeliveryFinished, MailDeliveryStarted
from culver_events.smtp import (
    SmtpServerCommandFinished,
    SmtpServerTransactionFinished,
    SmtpServerTransactionRcptFinished,
)

MAIL = b"Subject: x\r\n\r\nbody\r\n"


def files(server: TestServer, user: str = "alice") -> list[Path]:
    """Everything that lies in the mail directories."""
    maildir = server.home(user) / "Maildir"
    return [path for name in ("tmp", "new", "cur") for path in (maildir / name).glob("*")]


async def test_a_mail_arrives_with_its_trace(culver: StartServer) -> None:
    async with culver() as server:
        await server.deliver("alice", MAIL)
        alice = await server.imap("alice")
        await alice.select()
        (row,) = (await alice.fetch(1, "(RFC822)")).fetched().values()
        text = row["RFC822"]
        assert isinstance(text, bytes)
        head, _, body = text.partition(b"\r\n\r\n")
        assert head.startswith(b"Return-Path: <sender@example.org>\r\nDelivered-To: alice\r\n")
        assert head.endswith(b"\r\nSubject: x")
        assert body == b"body\r\n"


async def test_events_of_a_delivery(culver: StartServer) -> None:
    async with culver() as server:
        lmtp = await server.lmtp()
        await lmtp.deliver(["alice", "nobody", "bob"], MAIL)
        assert len(server.events(MailDeliveryStarted)) == 2
        assert [(e.mailbox, e.uid) for e in server.events(MailDeliveryFinished)] == [
            ("INBOX", 1), ("INBOX", 1),
        ]  # fmt: skip
        (finished,) = server.events(SmtpServerTransactionFinished)
        assert (finished.recipients, finished.recipients_succeeded) == (2, 2)
        assert (finished.recipients_denied, finished.recipients_aborted) == (1, 0)
        assert sorted(e.status_code for e in server.events(SmtpServerTransactionRcptFinished)) == [
            250, 250, 550,
        ]  # fmt: skip


async def test_every_command_is_told(culver: StartServer) -> None:
    async with culver() as server:
        lmtp = await server.lmtp()
        await lmtp.command("NOOP")
        await lmtp.command("RCPT TO:<a>")
        told = [
            (record.get("cmd_name"), record.get("status_code"))
            for record in server.captured.records_of(SmtpServerCommandFinished)
        ]
        assert told == [("LHLO", 250), ("NOOP", 250), ("RCPT", 503)]


@pytest.mark.parametrize("cut", range(0, len(MAIL) + 4, 5))
async def test_a_truncated_mail_is_not_delivered(culver: StartServer, cut: int) -> None:
    async with culver() as server:
        lmtp = await server.lmtp()
        await lmtp.mail("a@example.org")
        await lmtp.rcpt("alice")
        await lmtp.command("DATA")
        await lmtp.send((MAIL + b".\r\n")[:cut])
        await lmtp.aclose()
        await trio.testing.wait_all_tasks_blocked()
        assert files(server) == []
        (finished,) = server.events(SmtpServerTransactionFinished)
        assert finished.is_reset
        assert len(server.events(ClientConnectionDisconnected)) == 1


FULL: list[tuple[Operation, str]] = [
    ("write", "*/Maildir/tmp/*"),
    ("fsync", "*/Maildir/tmp/*"),
    ("rename", "*/Maildir/tmp/*"),
    ("fdatasync", "*/Maildir/new"),
]


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize(("operation", "path"), FULL)
async def test_a_full_disk(
    culver: StartServer, operation: Operation, path: str, error: int
) -> None:
    async with culver() as server:
        await server.deliver("alice", MAIL)
        before = files(server)
        lmtp = await server.lmtp()
        with failing(operation, error, path=path) as fault:
            (reply,) = await lmtp.deliver(["alice"], MAIL)
        assert fault.hits
        assert reply.status == 452
        assert files(server) == before
        (again,) = await lmtp.deliver(["alice"], MAIL)
        assert again.ok


async def test_a_full_disk_of_one_recipient(culver: StartServer) -> None:
    async with culver() as server:
        lmtp = await server.lmtp()
        with failing("write", errno.ENOSPC, path="*/alice/Maildir/tmp/*"):
            replies = await lmtp.deliver(["alice", "bob"], MAIL)
        assert [reply.status for reply in replies] == [452, 250]
        assert files(server, "alice") == []
        assert len(files(server, "bob")) == 1


async def test_no_room_for_the_spool(culver: StartServer) -> None:
    async with culver() as server:
        lmtp = await server.lmtp()
        with failing("tempfile", errno.ENOSPC):
            (reply,) = await lmtp.deliver(["alice"], MAIL + b"x" * 200_000)
        assert (reply.status, reply.enhanced) == (452, "4.3.1")
        assert (await lmtp.command("NOOP")).ok


async def test_a_broken_disk(culver: StartServer) -> None:
    async with culver() as server:
        lmtp = await server.lmtp()
        with failing("write", errno.EIO, path="*/Maildir/tmp/*"):
            (reply,) = await lmtp.deliver(["alice"], MAIL)
        assert reply.status == 451
        assert files(server) == []


async def test_a_mail_directory_that_may_not_be_written(culver: StartServer) -> None:
    async with culver() as server:
        await server.deliver("alice", MAIL)
        lmtp = await server.lmtp()
        with failing("open", errno.EACCES, path="*/Maildir/tmp/*"):
            (reply,) = await lmtp.deliver(["alice"], MAIL)
        assert (reply.status, reply.enhanced) == (550, "5.7.1")
        assert str(server.root) not in reply.text


async def test_a_large_mail_is_streamed(culver: StartServer) -> None:
    size = 20_000_000
    async with culver() as server:
        lmtp = await server.lmtp()
        await lmtp.mail("a@example.org")
        await lmtp.rcpt("alice")
        await lmtp.command("DATA")
        line = b"y" * 998 + b"\r\n"
        for _ in range(size // 100_000):
            await lmtp.send(line * 100)
            await trio.lowlevel.checkpoint()
        await lmtp.send(b".\r\n")
        assert (await lmtp.reply()).ok
        alice = await server.imap("alice")
        await alice.select()
        (row,) = (await alice.fetch(1, "RFC822.SIZE")).fetched().values()
        told = row["RFC822.SIZE"]
        assert isinstance(told, int)
        assert size < told < size + 1000


async def test_silence_ends_the_session(culver: StartServer, autojump_clock: MockClock) -> None:
    async with culver() as server:
        lmtp = await server.lmtp()
        await lmtp.send(b"NOO")
        began = trio.current_time()
        reply = await lmtp.reply()
        assert (reply.status, reply.enhanced) == (421, "4.4.2")
        assert trio.current_time() - began == 300
        with pytest.raises(ConnectionEnded):
            await lmtp.reply()


async def test_a_client_that_does_not_read(culver: StartServer, autojump_clock: MockClock) -> None:
    async with culver() as server:
        client = LmtpClient(server.connect("lmtp", lockstep=True))
        await trio.testing.wait_all_tasks_blocked()
        assert server.live
        await trio.sleep(1000)
        assert not server.live
        (ended,) = server.events(ClientConnectionDisconnected)
        assert "read nothing" in ended.reason
        await client.aclose()


async def test_garbage_at_once(culver: StartServer) -> None:
    async with culver() as server:
        lmtp = await server.lmtp()
        await lmtp.send(bytes(range(256)) * 50)
        statuses: list[int] = []

        async def read_all() -> None:
            while True:
                statuses.append((await lmtp.reply()).status)

        with pytest.raises(ConnectionEnded):
            await read_all()
        assert set(statuses) == {500, 421}
        assert not server.live


async def test_a_mail_from_the_null_sender(culver: StartServer) -> None:
    async with culver() as server:
        await server.deliver("alice", MAIL, sender="")
        assert b"Return-Path: <>" in files(server)[0].read_bytes()


async def test_headers_as_the_settings_say(culver: StartServer) -> None:
    config = "lmtp_hdr_delivery_address = none\nlmtp_add_received_header = no\n"
    async with culver(config=config) as server:
        await server.deliver("alice", MAIL)
        text = files(server)[0].read_bytes()
        assert b"Delivered-To" not in text
        assert b"Received" not in text
