"""imap_client_workarounds."""

from __future__ import annotations

import pytest

from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer


@pytest.mark.parametrize(
    ("config", "status"),
    [("imap_client_workarounds = delay-newmail tb-extra-mailbox-sep\n", "OK"), ("", "NO")],
)
async def test_a_separator_too_many(culver: StartServer, config: str, status: str) -> None:
    async with culver(config=config) as server:
        alice = await server.imap("alice")
        (listed,) = (await alice.command('LIST "" ""')).of("LIST")
        separator = listed.split(b'"')[1].decode()
        assert (await alice.command("CREATE Box")).ok
        assert (await alice.append(f"Box{separator}", mail("a"))).status == status
        assert (await alice.command(f"SELECT Box{separator}")).status == status
        assert (await alice.command("SELECT Box")).ok
