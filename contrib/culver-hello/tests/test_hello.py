"""The plugin in a whole server, in memory."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from culver_hello import HelloSaid, has, subject_of

from culver.plugin import NewMail
from culver.testing.server import TestServer

Culver = Callable[..., AbstractAsyncContextManager[TestServer]]


def mail(subject: str) -> bytes:
    return f"Subject: {subject}\r\n\r\nAt noon.\r\n".encode()


async def test_a_greeted_mail_has_the_keyword_and_an_event(culver: Culver) -> None:
    async with culver(plugins=["hello"], config="plugin { hello_word = soup }") as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail("Soup for lunch"))
        await alice.append("INBOX", mail("Salad for lunch"))
        await alice.select("INBOX")

        assert [e.uid for e in server.events(HelloSaid)] == [1]
        assert "$Hello" in str((await alice.fetch("1", "FLAGS")).untagged)
        assert "$Hello" not in str((await alice.fetch("2", "FLAGS")).untagged)


async def test_a_copy_is_greeted_too(culver: Culver) -> None:
    async with culver(plugins=["hello"]) as server:
        alice = await server.imap("alice")
        await alice.append("INBOX", mail("Hello"))
        await alice.command("CREATE Copies")
        await alice.select("INBOX")
        await alice.command("COPY 1 Copies")

        assert len(server.events(HelloSaid)) == 2


async def test_a_forbidden_subject_is_refused(culver: Culver) -> None:
    async with culver(plugins=["hello"], config="plugin { hello_forbidden = spam }") as server:
        alice = await server.imap("alice")
        answer = await alice.append("INBOX", mail("Spam"))

        assert (answer.status, answer.code) == ("NO", "NOPERM")


async def test_the_capability_is_announced_after_login(culver: Culver) -> None:
    async with culver(plugins=["hello"]) as server:
        alice = await server.imap("alice")

        assert "XHELLO" in str((await alice.command("CAPABILITY")).untagged)


@pytest.mark.parametrize(
    ("body", "subject"),
    [
        (b"Subject: a\r\n\r\nSubject: b", "a"),
        (b"Subject: a\n\nb", "a"),
        (b"Subject: =?utf-8?q?caf=C3=A9?=\n\n", "café"),
        (b"Subject: a", "a"),
        (b"\r\nSubject: a", ""),
        (b"", ""),
    ],
)
def test_the_subject_of_any_bytes(body: bytes, subject: str) -> None:
    assert subject_of(NewMail(body=body)) == subject


def test_no_word_is_in_no_subject() -> None:
    assert has("Hello", "hello")
    assert not has("Hello", "")
