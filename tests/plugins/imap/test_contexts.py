"""Results that are kept up to date, for changes of other sessions."""

from __future__ import annotations

from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer
from culver_plugins.imap.contexts import MAX_CONTEXTS


async def test_changes_of_others(culver: StartServer) -> None:
    async with culver() as server:
        alice, other = await server.imap("alice"), await server.imap("alice")
        for name in ("one", "two", "three"):
            assert (await alice.append("INBOX", mail(name))).ok
        await alice.select()
        await other.select()
        assert (await alice.command("SEARCH RETURN (UPDATE COUNT) FLAGGED")).ok
        assert (await other.command(r"STORE 2:3 +FLAGS.SILENT (\Flagged)")).ok
        said = (await alice.command("NOOP")).untagged
        assert [line for line in said if b"ADDTO" in line] == [b'ESEARCH (TAG "c6") ADDTO (0 2:3)']
        assert (await other.command(r"STORE 1:2 +FLAGS.SILENT (\Deleted)")).ok
        assert (await other.command("EXPUNGE")).ok
        said = (await alice.command("NOOP")).untagged
        # Before the expunges: afterwards number 2 is another message.
        assert said[:3] == (b'ESEARCH (TAG "c6") REMOVEFROM (0 2)', b"2 EXPUNGE", b"1 EXPUNGE")


async def test_too_many(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.select()
        for _ in range(MAX_CONTEXTS):
            assert (await alice.command("SEARCH RETURN (UPDATE) ALL")).of("NO") == []
        refused = await alice.command("SEARCH RETURN (UPDATE) ALL")
        assert refused.ok
        assert refused.of("NO")[0].startswith(b"[NOUPDATE ")


async def test_another_select_ends_them(culver: StartServer) -> None:
    async with culver() as server:
        alice, other = await server.imap("alice"), await server.imap("alice")
        await alice.select()
        assert (await alice.command("SEARCH RETURN (UPDATE) ALL")).ok
        assert (await other.append("INBOX", mail("a"))).ok
        assert (await alice.command("NOOP")).of("ESEARCH") != []
        await alice.select()
        assert (await other.append("INBOX", mail("b"))).ok
        answer = await alice.command("NOOP")
        assert answer.numbered("EXISTS") == [2]
        assert answer.of("ESEARCH") == []
