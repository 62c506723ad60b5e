"""UNAUTHENTICATE: one connection, two users, each with a session of its own."""

from __future__ import annotations

from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer
from culver_events.login import LoginAborted, LoginSucceeded
from culver_events.session import MailUserSessionFinished


async def test_each_user_gets_an_end(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap("alice")
        await client.append("INBOX", mail("a"))
        await client.select()
        assert (await client.command("UNAUTHENTICATE")).ok
        assert (await client.command("SELECT INBOX")).status == "BAD"
        assert (await client.login("bob")).ok
        assert (await client.select()).numbered("EXISTS") == [0]
        assert (await client.logout()).ok
        assert len(server.events(LoginSucceeded)) == 2
        first, second = server.events(MailUserSessionFinished)
        assert (first.reason, second.reason) == ("Unauthenticated", "Logged out")
        assert server.events(LoginAborted) == []


async def test_what_was_enabled_is_forgotten(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.imap("alice")
        assert (await client.command("ENABLE QRESYNC")).of("ENABLED") == [b"QRESYNC"]
        assert (await client.command("UNAUTHENTICATE")).ok
        assert (await client.login("alice")).ok
        assert (await client.command("ENABLE QRESYNC")).of("ENABLED") == [b"QRESYNC"]
