"""The promise of the test kit: a plugin's test is five lines."""

from __future__ import annotations

import pytest
from tests.culver_testing import cap
from tests.culver_testing.cap import MailCapped

from culver.config.errors import ConfigErrors
from culver.testing.capture import capture_events
from culver.testing.pytest_plugin import StartServer
from culver.testing.server import plugin_name
from culver_events.delivery import MailDeliveryFinished
from culver_plugins.imap import plugin as imap_plugin


class Named:
    """An object that says its name."""

    name = "own"


async def test_a_large_mail_is_refused(culver: StartServer) -> None:
    async with culver(plugins=[cap], config="plugin { cap_size = 1k }") as server:
        alice = await server.imap("alice")
        answer = await alice.append("INBOX", b"x" * 2000)
        assert answer.code == "LIMIT"
        assert [e.size for e in server.events(MailCapped)] == [2000]


async def test_plugins_by_name(culver: StartServer) -> None:
    async with culver(plugins=["export_file"]) as server:
        assert "export_file" in server.composition.plugins.names()


async def test_servers_know_nothing_of_each_other(culver: StartServer) -> None:
    async with culver() as one, culver() as other:
        await one.deliver("alice", b"a: b\r\n\r\n")
        alice = await other.imap("alice")
        assert await alice.status("INBOX", "MESSAGES") == {"MESSAGES": 0}
        assert other.events(MailDeliveryFinished) == []
        assert len(one.events(MailDeliveryFinished)) == 1


async def test_captured_events(culver: StartServer) -> None:
    async with culver() as server:
        captured = capture_events(server.composition.bus)
        await server.deliver("alice", b"a: b\r\n\r\n")
        assert len(captured.of(MailDeliveryFinished)) == 1
        captured.clear()
        captured.stop()
        await server.deliver("alice", b"a: b\r\n\r\n")
        assert captured.records == []


async def test_a_wrong_password_is_said(culver: StartServer) -> None:
    async with culver() as server:
        with pytest.raises(AssertionError, match="login of alice: NO Authentication failed"):
            await server.imap("alice", "wrong")


async def test_errors_of_the_configuration(culver: StartServer) -> None:
    with pytest.raises(ConfigErrors, match="cap_sizes"):
        async with culver(plugins=[cap], config="plugin { cap_size = much }\ncap_sizes = 1\n"):
            raise AssertionError


@pytest.mark.parametrize(
    ("plugin", "name"),
    [(cap, "cap"), (imap_plugin, "imap"), (Named(), "own"), (object(), "object")],
)
def test_names_of_plugins(plugin: object, name: str) -> None:
    assert plugin_name(plugin) == name
