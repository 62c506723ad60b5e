"""FETCH and UID FETCH."""

from __future__ import annotations

import pytest

from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer

PARTS = mail(
    "parts",
    "--b\r\nContent-Type: text/plain\r\n\r\none\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntwo\r\n--b--\r\n",
    mime_version="1.0",
    content_type="multipart/mixed; boundary=b",
)
WHOLE = mail("s", "0123456789\r\n")


SECTIONS = [
    ("BODY[]", "BODY[]", WHOLE),
    ("BODY[HEADER]", "BODY[HEADER]", WHOLE[: WHOLE.index(b"\r\n\r\n") + 4]),
    ("BODY[TEXT]", "BODY[TEXT]", b"0123456789\r\n"),
    ("BODY[1]", "BODY[1]", b"0123456789\r\n"),
    ("BODY[TEXT]<3.4>", "BODY[TEXT]<3>", b"3456"),
    ("BODY[TEXT]<100.4>", "BODY[TEXT]<100>", b""),
    ("BODY[HEADER.FIELDS (subject)]", "BODY[HEADER.FIELDS (SUBJECT)]", b"Subject: s\r\n\r\n"),
    (
        "BODY[HEADER.FIELDS.NOT (From To)]",
        "BODY[HEADER.FIELDS.NOT (FROM TO)]",
        b"Subject: s\r\n\r\n",
    ),
    ("BODY[2]", "BODY[2]", b""),
    ("RFC822", "RFC822", WHOLE),
    ("RFC822.TEXT", "RFC822.TEXT", b"0123456789\r\n"),
    ("RFC822.HEADER", "RFC822.HEADER", WHOLE[: WHOLE.index(b"\r\n\r\n") + 4]),
]


@pytest.mark.parametrize(("item", "label", "text"), SECTIONS, ids=[row[0] for row in SECTIONS])
async def test_sections(culver: StartServer, item: str, label: str, text: bytes) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", WHOLE)
        await alice.select()
        answer = await alice.fetch(1, f"({item})")
        assert answer.ok
        (row,) = answer.fetched().values()
        assert row[label] == text
        assert ("FLAGS" in row) is (item != "RFC822.HEADER")


async def test_parts(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", PARTS)
        await alice.select()
        items = (
            "(BODY.PEEK[1] BODY.PEEK[1.MIME] BODY.PEEK[2.HEADER] BODY.PEEK[2.TEXT] BODY.PEEK[2.1])"
        )
        (row,) = (await alice.fetch(1, items)).fetched().values()
        assert row == {
            "BODY[1]": b"one",
            "BODY[1.MIME]": b"Content-Type: text/plain\r\n\r\n",
            "BODY[2.HEADER]": b"Subject: inner\r\n\r\n",
            "BODY[2.TEXT]": b"two",
            "BODY[2.1]": b"two",
        }


async def test_structure(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", WHOLE)
        await alice.select()
        answer = await alice.fetch(1, "(UID RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE)")
        (row,) = answer.fetched().values()
        assert (row["UID"], row["RFC822.SIZE"]) == (1, len(WHOLE))
        envelope = row["ENVELOPE"]
        assert isinstance(envelope, list)
        assert envelope[1] == b"s"
        assert envelope[2] == [[None, None, b"sender", b"example.org"]]
        body = row["BODY"]
        assert isinstance(body, list)
        assert body[:2] == [b"text", b"plain"]
        assert body[6:8] == [12, 1]


async def test_seen_is_set_unless_peeked(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", WHOLE)
        await alice.select()
        assert (await alice.fetch(1, "(BODY.PEEK[])")).fetched()[1].keys() == {"BODY[]"}
        flags = (await alice.fetch(1, "(BODY[])")).fetched()[1]["FLAGS"]
        assert flags == [b"\\Seen", b"\\Recent"]
        assert (await alice.fetch(1, "(BODY[])")).fetched()[1].keys() == {"BODY[]"}
        assert await alice.status("INBOX", "UNSEEN") == {"UNSEEN": 0}


async def test_ranges_and_uids(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        for subject in "abcde":
            await alice.append("INBOX", mail(subject))
        await alice.select()
        await alice.store(2, r"+FLAGS.SILENT (\Deleted)")
        await alice.command("EXPUNGE")
        answer = await alice.fetch("1:*", "(UID)")
        assert {n: row["UID"] for n, row in answer.fetched().items()} == {1: 1, 2: 3, 3: 4, 4: 5}
        answer = await alice.fetch("2:3,9", "(FLAGS)", uid=True)
        assert {n: row["UID"] for n, row in answer.fetched().items()} == {2: 3}
        assert list((await alice.fetch("*", "UID")).fetched()) == [4]
        assert list((await alice.fetch("100:*", "FLAGS", uid=True)).fetched()) == [4]
        assert (await alice.fetch("1:9", "FLAGS")).text.startswith("Error in IMAP command FETCH")
        assert (await alice.fetch("77", "FLAGS", uid=True)).ok


async def test_empty_mailbox(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.select()
        assert (await alice.fetch("1:*", "FLAGS", uid=True)).ok
        assert (await alice.fetch("1", "FLAGS")).status == "BAD"


@pytest.mark.parametrize("macro", ["ALL", "FAST", "FULL"])
async def test_macros(culver: StartServer, macro: str) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", WHOLE)
        await alice.select()
        (row,) = (await alice.fetch(1, macro)).fetched().values()
        assert {"FLAGS", "INTERNALDATE", "RFC822.SIZE"} <= row.keys()


async def test_changed_since(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        for subject in "abc":
            await alice.append("INBOX", mail(subject))
        since = (await alice.select("INBOX", "(CONDSTORE)")).codes()["HIGHESTMODSEQ"]
        await alice.store(2, r"+FLAGS (\Seen)")
        answer = await alice.fetch("1:*", f"(FLAGS) (CHANGEDSINCE {since})")
        (number,) = answer.fetched()
        assert number == 2
        modseq = answer.fetched()[2]["MODSEQ"]
        assert isinstance(modseq, list)
        assert isinstance(modseq[0], int)
        assert modseq[0] > int(since)


async def test_dovecots_items(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", WHOLE)
        await alice.select()
        answer = await alice.fetch(1, "(X-GUID X-MAILBOX X-SAVEDATE X-REAL-UID)")
        (row,) = answer.fetched().values()
        assert row["X-MAILBOX"] == b"INBOX"
        assert row["X-REAL-UID"] == 1
        assert isinstance(row["X-GUID"], bytes)
        assert isinstance(row["X-SAVEDATE"], bytes)


async def test_a_large_body_in_pieces(culver: StartServer) -> None:
    text = mail("large", ("x" * 98 + "\r\n") * 40_000)
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", text)
        await alice.append("INBOX", WHOLE)
        await alice.select()
        answer = await alice.fetch("1:2", "(UID BODY.PEEK[])")
        assert [row["BODY[]"] for row in answer.fetched().values()] == [text, WHOLE]


@pytest.mark.parametrize("depth", [5, 60, 5000])
async def test_nested_parts(culver: StartServer, depth: int) -> None:
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth)
    )
    text = f"MIME-Version: 1.0\r\n{nested}\r\nend\r\n".encode()
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", text)
        await alice.select()
        answer = await alice.fetch(1, "(BODYSTRUCTURE BODY.PEEK[1.1.1] BODY.PEEK[])")
        assert answer.ok
        assert answer.fetched()[1]["BODY[]"] == text
        path = ".".join(["1"] * depth)
        assert (await alice.fetch(1, f"BODY.PEEK[{path}]")).status in ("OK", "BAD")
        assert (await alice.command("NOOP")).ok


async def test_nuls_and_eight_bits(culver: StartServer) -> None:
    text = b"Subject: \xff\xfe\r\n\r\n\x80\x81\r\n"
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", text)
        await alice.append("INBOX", b"Subject: a\0b\r\n\r\n\0\r\n")
        await alice.select()
        answer = await alice.fetch("1:2", "(ENVELOPE BODYSTRUCTURE BODY.PEEK[])")
        assert answer.fetched()[1]["BODY[]"] == text
        # RFC 3501 has no way to send NUL in a literal.
        body = answer.fetched()[2]["BODY[]"]
        assert isinstance(body, bytes)
        assert b"\0" not in body
        assert len(body) == 19


async def test_bare_linefeeds_are_lines(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", b"a: b\n\nc\n")
        await alice.select()
        (row,) = (await alice.fetch(1, "(RFC822.SIZE BODY.PEEK[])")).fetched().values()
        assert row == {"RFC822.SIZE": 11, "BODY[]": b"a: b\r\n\r\nc\r\n"}


async def test_previews(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append(
            "INBOX", mail("a", "Grüße  an\r\nalle\r\n", content_type="text/plain; charset=utf-8")
        )
        await alice.append("INBOX", mail("b", ""))
        await alice.select()
        answer = await alice.fetch("1:2", "(PREVIEW (LAZY) SNIPPET)")
        text = "Grüße an alle".encode()
        assert answer.fetched() == {
            1: {"PREVIEW": text, "SNIPPET": [b"FUZZY", text]},
            2: {"PREVIEW": b"", "SNIPPET": [b"FUZZY", b""]},
        }
        assert (await alice.search("UNSEEN")).searched() == [1, 2]


async def test_savedate(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", WHOLE)
        await alice.select()
        (row,) = (await alice.fetch(1, "SAVEDATE")).fetched().values()
        assert isinstance(row["SAVEDATE"], bytes)
