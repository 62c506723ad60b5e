"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE, LIST, LSUB, XLIST, NAMESPACE, STATUS."""

from __future__ import annotations

import pytest

from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer
from culver_events.mail import MailboxCreated, MailboxDeleted, MailboxRenamed


async def test_create_and_delete(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        assert (await alice.command("CREATE a/b")).ok
        assert (await alice.command("CREATE a/b")).code == "ALREADYEXISTS"
        assert (await alice.command("CREATE inbox")).code == "ALREADYEXISTS"
        assert (await alice.select("a/b")).code == "READ-WRITE"
        await alice.command("UNSELECT")
        assert (await alice.command("DELETE a/b")).ok
        assert (await alice.command("DELETE a/b")).code == "NONEXISTENT"
        assert (await alice.command("DELETE INBOX")).code == "CANNOT"
        assert len(server.events(MailboxDeleted)) == 1
        created = [r.get("mailbox") for r in server.captured.records_of(MailboxCreated)]
        assert "a/b" in created


async def test_a_folder_of_folders(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        assert (await alice.command("CREATE a/")).ok
        assert (await alice.command("CREATE a/b")).ok


async def test_special_uses_are_the_administrators(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        assert (await alice.command("CREATE a (USE (\\Junk))")).code == "USEATTR"


@pytest.mark.parametrize("name", ['"../x"', '"a/../b"', '"/etc"', '"a//b"', '""', '"~x"'])
async def test_names_that_are_paths(culver: StartServer, name: str) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        answer = await alice.command(f"CREATE {name}")
        assert (answer.status, answer.code) == ("NO", "CANNOT")
        assert list((server.root / "home").rglob("*")) == []


async def test_rename_with_children_and_mail(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.command("CREATE a")
        await alice.command("CREATE a/b")
        await alice.append("a/b", mail())
        assert (await alice.command("RENAME a c")).ok
        assert {name for _, name in await alice.list()} == {b"INBOX", b"c", b"c/b"}
        assert await alice.status("c/b", "MESSAGES") == {"MESSAGES": 1}
        assert (await alice.command("RENAME a d")).code == "NONEXISTENT"
        assert (await alice.command("RENAME c/b c")).code == "ALREADYEXISTS"
        assert [e.new_mailbox for e in server.events(MailboxRenamed)] == ["c"]


async def test_rename_of_inbox_leaves_it(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail())
        assert (await alice.command("RENAME INBOX old")).ok
        assert await alice.status("old", "MESSAGES") == {"MESSAGES": 1}
        assert await alice.status("INBOX", "MESSAGES") == {"MESSAGES": 0}


async def test_subscriptions(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.command("CREATE a/b")
        assert (await alice.command("SUBSCRIBE a/b")).ok
        assert (await alice.command("SUBSCRIBE nowhere")).code == "NONEXISTENT"
        assert (await alice.command('LSUB "" *')).of("LSUB") == [b'() "/" a/b']
        assert (await alice.command('LSUB "" %')).of("LSUB") == [b'(\\Noselect) "/" a']
        await alice.command("DELETE a/b")
        listed = await alice.command('LIST (SUBSCRIBED) "" *')
        assert listed.of("LIST") == [b'(\\NonExistent \\Subscribed \\HasNoChildren) "/" a/b']
        assert (await alice.command("UNSUBSCRIBE a/b")).ok
        assert (await alice.command('LSUB "" *')).of("LSUB") == []


NAMES = ["a", "a/b", "a/b/c", "Zebra"]
LISTS = [
    ('"" *', {b"INBOX", b"a", b"a/b", b"a/b/c", b"Zebra"}),
    ('"" %', {b"INBOX", b"a", b"Zebra"}),
    ('"" a/%', {b"a/b"}),
    ('"a/" %', {b"a/b"}),
    ('"" inbox', {b"INBOX"}),
    ('"" %/%', {b"a/b"}),
    ('"" *b*', {b"a/b", b"a/b/c", b"Zebra"}),
    ('"" nowhere', set[bytes]()),
    ('"" (INBOX a/*)', {b"INBOX", b"a/b", b"a/b/c"}),
]


@pytest.mark.parametrize(("arguments", "names"), LISTS)
async def test_patterns(culver: StartServer, arguments: str, names: set[bytes]) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        for name in NAMES:
            await alice.command(f"CREATE {name}")
        answer = await alice.command(f"LIST {arguments}")
        assert {line.rpartition(b" ")[2] for line in answer.of("LIST")} == names


async def test_children_and_parents(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.command("CREATE a/b")
        listed = {name: words for words, name in await alice.list()}
        assert listed[b"a/b"] == b"\\HasNoChildren"
        assert listed[b"a"] == b"\\Noselect \\HasChildren"
        assert listed[b"INBOX"] == b"\\HasNoChildren"


async def test_recursive_match(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.command("CREATE a/b")
        await alice.command("CREATE c")
        await alice.command("SUBSCRIBE a/b")
        answer = await alice.command('LIST (SUBSCRIBED RECURSIVEMATCH) "" %')
        (line,) = answer.of("LIST")
        assert line == b'(\\NonExistent \\HasChildren) "/" a ("CHILDINFO" ("SUBSCRIBED"))'


async def test_list_with_status(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail())
        answer = await alice.command('LIST "" * RETURN (STATUS (MESSAGES UNSEEN))')
        assert answer.of("STATUS") == [b"INBOX (MESSAGES 1 UNSEEN 1)"]


SPECIAL = """
namespace inbox {
  mailbox Sent {
    auto = subscribe
    special_use = \\Sent
  }
}
"""


async def test_special_use(culver: StartServer) -> None:
    async with culver(config=SPECIAL) as server:
        alice = await server.imap("alice")
        answer = await alice.command('LIST (SPECIAL-USE) "" *')
        assert answer.of("LIST") == [b'(\\HasNoChildren \\Sent) "/" Sent']
        answer = await alice.command('XLIST "" *')
        assert set(answer.of("XLIST")) == {
            b'(\\HasNoChildren \\Inbox) "/" INBOX',
            b'(\\HasNoChildren \\Sent) "/" Sent',
        }
        assert (await alice.command('LSUB "" *')).of("LSUB") == [b'() "/" Sent']
        assert (await alice.select("Sent")).ok


async def test_roots(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        assert (await alice.command('LIST "" ""')).of("LIST") == [b'(\\Noselect) "/" ""']
        assert (await alice.command('LSUB "" ""')).of("LSUB") == [b'(\\Noselect) "/" ""']
        answer = await alice.command("NAMESPACE")
        assert answer.of("NAMESPACE") == [b'(("" "/")) NIL NIL']


async def test_status(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail(), "\\Seen")
        await alice.append("INBOX", mail())
        items = "MESSAGES RECENT UIDNEXT UNSEEN SIZE"
        assert await alice.status("INBOX", items) == {
            "MESSAGES": 2, "RECENT": 2, "UIDNEXT": 3, "UNSEEN": 1, "SIZE": 2 * len(mail()),
        }  # fmt: skip
        answer = await alice.command("STATUS nowhere (MESSAGES)")
        assert (answer.code, answer.text) == ("NONEXISTENT", "Mailbox doesn't exist: nowhere")
        more = await alice.status("INBOX", "UIDVALIDITY HIGHESTMODSEQ")
        assert more["UIDVALIDITY"] > 0
        assert more["HIGHESTMODSEQ"] > 0


async def test_names_of_other_scripts(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        assert (await alice.command("CREATE &ZeVnLIqe-")).ok
        assert {name for _, name in await alice.list()} == {b"INBOX", b"&ZeVnLIqe-"}
        assert (await alice.command("CREATE &ZeVnLIqe")).status == "NO"
