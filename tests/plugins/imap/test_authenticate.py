"""AUTHENTICATE and what is announced before and after."""

from __future__ import annotations

from base64 import b64encode

import pytest
from trio.testing import MockClock

from culver.testing.imap_client import ConnectionEnded, ImapClient
from culver.testing.pytest_plugin import StartServer
from culver_events.login import LoginAborted, LoginSucceeded

PLAIN = b64encode(b"\0alice\0secret").decode()
WRONG = b64encode(b"\0alice\0wrong").decode()


async def test_initial_response(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap()
        answer = await client.command(f"AUTHENTICATE PLAIN {PLAIN}")
        assert (answer.status, answer.code) == ("OK", "CAPABILITY")
        assert "IDLE" in answer.arguments.split()
        assert len(server.events(LoginSucceeded)) == 1


async def test_challenge(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap()
        await client.send(b"a AUTHENTICATE PLAIN\r\n")
        assert (await client.read_line()).startswith(b"+")
        await client.send(PLAIN.encode() + b"\r\n")
        assert (await client.answer(b"a")).ok


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [(f"PLAIN {WRONG}", "NO", "AUTHENTICATIONFAILED"), ("NONSENSE", "NO", "")],
)
async def test_refused(culver: StartServer, line: str, status: str, code: str) -> None:
    async with culver() as server:
        client = await server.imap()
        answer = await client.command(f"AUTHENTICATE {line}")
        assert (answer.status, answer.code) == (status, code)
        assert (await client.login("alice")).ok


@pytest.mark.parametrize("line", [b"*", b"not base64!"])
async def test_given_up(culver: StartServer, line: bytes) -> None:
    async with culver() as server:
        client = await server.imap()
        await client.send(b"a AUTHENTICATE PLAIN\r\n")
        await client.read_line()
        await client.send(line + b"\r\n")
        assert (await client.answer(b"a")).status == "BAD"
        assert (await client.login("alice")).ok


async def test_hanging_up_in_the_middle(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap()
        await client.send(b"a AUTHENTICATE PLAIN\r\n")
        await client.read_line()
        await client.aclose()
        await server.all_ended()
        assert [e.reason for e in server.events(LoginAborted)] == ["sasl_not_finished"]


async def test_cleartext_is_refused_on_the_network(culver: StartServer) -> None:
    async with culver(tls=True) as server:
        stream = server.connect("imap", local=("192.0.2.1", 143), remote=("192.0.2.2", 4000))
        client = ImapClient(stream)
        greeting = await client.greet()
        assert "LOGINDISABLED" in greeting.arguments.split()
        answer = await client.login("alice")
        assert (answer.status, answer.code) == ("NO", "PRIVACYREQUIRED")
        assert any(b"password was exposed" in line for line in answer.untagged)
        assert (await client.command("STARTTLS")).ok
        await server.start_tls(client)
        assert (await client.login("alice")).ok


async def test_the_right_password_only(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap()
        assert (await client.login("alice", "secre")).code == "AUTHENTICATIONFAILED"
        assert (await client.login("nobody", "secret")).code == "AUTHENTICATIONFAILED"
        assert (await client.login("alice", '""')).code == "AUTHENTICATIONFAILED"
        assert (await client.login("bob", "secret")).ok
        (succeeded,) = server.events(LoginSucceeded)
        assert succeeded.auth_attempts == 4


async def test_three_minutes_to_log_in(culver: StartServer, autojump_clock: MockClock) -> None:
    async with culver() as server:
        client = await server.imap()
        assert await client.read_line() == b"* BYE Disconnected for inactivity."
        with pytest.raises(ConnectionEnded):
            await client.read()
        assert [e.reason for e in server.events(LoginAborted)] == ["no_auth_attempts"]


async def test_a_user_who_may_not_log_in(culver: StartServer) -> None:
    config = "passdb {\n driver = static\n args = password=secret nologin=y reason=Closed\n}\n"
    async with culver(config=config) as server:
        client = await server.imap()
        answer = await client.login("carol")
        assert (answer.status, answer.code, answer.text) == ("NO", "CONTACTADMIN", "Closed")
        await client.aclose()
        await server.all_ended()
        assert [e.reason for e in server.events(LoginAborted)] == ["login_disabled"]


async def test_a_user_without_mail(culver: StartServer) -> None:
    config = "passdb {\n driver = static\n args = password=secret\n}\n"
    async with culver(config=config) as server:
        client = await server.imap()
        answer = await client.login("carol")
        assert (answer.status, answer.code) == ("NO", "AUTHENTICATIONFAILED")
        assert (await client.login("alice")).ok


async def test_a_mail_setup_that_can_not_work(culver: StartServer) -> None:
    async with culver(config="mail_location = nonsense:~/x\n") as server:
        client = await server.imap()
        answer = await client.login("alice")
        assert (answer.status, answer.code) == ("NO", "CONTACTADMIN")
        assert "nonsense" not in answer.text
        lmtp = await server.lmtp()
        (reply,) = await lmtp.deliver(["alice"], b"a: b\r\n\r\n")
        assert reply.status == 451
