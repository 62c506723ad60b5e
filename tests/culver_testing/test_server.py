"""The promise of the test kit: a plugin's test is five lines."""

from __future__ import annotations

from tests.culver_testing import cap
from tests.culver_testing.cap import MailCapped

from culver.testing.pytest_plugin import StartServer


async def test_a_large_mail_is_refused(culver: StartServer) -> None:
    async with culver(plugins=[cap], config="plugin { cap_size = 1k }") as server:
        alice = await server.imap("alice")
        answer = await alice.append("INBOX", b"x" * 2000)
        assert answer.code == "LIMIT"
        assert [e.size for e in server.events(MailCapped)] == [2000]
