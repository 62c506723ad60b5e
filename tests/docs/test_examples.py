"""Every example of a configuration can be used, and the plugin of the how-to works."""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.docs.pages import ROOT, fences, pages

from culver.composition import Composition, compose
from culver.noticing.wiring import Noticing
from culver.plugin import Record, Registry, hookimpl
from culver.process.endpoints import endpoints
from culver.testing.pytest_plugin import StartServer

HOWTO = ROOT / "docs" / "howto"
FILES = re.compile(r"</\S+")
CONFIGURATIONS = [
    *((page, text) for page in pages() for text in fences(page, "conf")),
    *((path, path.read_text()) for path in sorted(ROOT.glob("contrib/*/culver.conf"))),
]


def composed(text: str) -> Composition:
    """The example; files that it reads aren't there, so they are left empty."""
    return compose(text=FILES.sub("", text))


@pytest.mark.parametrize(
    ("page", "text"), CONFIGURATIONS, ids=lambda each: each.name if isinstance(each, Path) else ""
)
def test_a_configuration_is_understood_wholly(page: Path, text: str) -> None:
    composition = composed(text)

    assert composition.remarks == ()
    assert list(composition.config.warnings) == []


@pytest.mark.parametrize("page", ["postfix", "exim"])
def test_the_howto_and_contrib_say_the_same(page: str) -> None:
    whole = (ROOT / "contrib" / page / "culver.conf").read_text()
    lines = {line.strip() for line in whole.splitlines()}

    for text in fences(HOWTO / f"{page}.md", "conf"):
        assert {line.strip() for line in text.splitlines() if line} <= lines


def test_postfix_owns_its_socket() -> None:
    composition = composed((ROOT / "contrib" / "postfix" / "culver.conf").read_text())
    found = {each.path: each for each in endpoints(composition.config, composition.registry)}
    socket = found["/var/spool/postfix/private/culver-lmtp"]

    assert (socket.user, socket.group, socket.mode) == ("postfix", "postfix", 0o600)


@pytest.fixture
def cap(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`cap.py` of the how-to, imported."""
    module = ModuleType("cap", "")
    monkeypatch.setitem(sys.modules, "cap", module)
    exec(compile(python("class CapLayer"), "cap.py", "exec"), vars(module))
    return module


def python(word: str) -> str:
    """The how-to's block with the word in it."""
    found = [text for text in fences(HOWTO / "write-a-plugin.md", "python") if word in text]
    assert len(found) == 1, f"{word}: {len(found)} blocks"
    return found[0]


def run(word: str, **given: Any) -> dict[str, Any]:
    """The names that a block defines."""
    namespace: dict[str, Any] = {"__name__": "example", **given}
    exec(compile(python(word), "example.py", "exec"), namespace)
    return namespace


def plugin(name: str, register: Callable[[Registry], None]) -> ModuleType:
    """A plugin that declares what a block tells to declare in `culver_register`."""
    module = ModuleType(name, "")

    def culver_register(registry: Registry) -> None:
        register(registry)

    vars(module)["culver_register"] = hookimpl(culver_register)
    return module


async def test_the_plugin_passes_its_own_test(cap: ModuleType, culver: StartServer) -> None:
    await run("import cap")["test_a_large_mail_is_refused"](culver)


async def test_a_full_disk(culver: StartServer) -> None:
    await run("failing(")["test_a_full_disk"](culver)


async def test_the_command_answers(culver: StartServer) -> None:
    command = run("ImapCommand(")["XHELLO"]
    hello = plugin("hello", lambda registry: registry.command("imap", "XHELLO", command))
    async with culver(plugins=[hello]) as server:
        alice = await server.imap("alice")

        assert (await alice.command("XHELLO world")).text == "Hello world"
        assert (await alice.command("XHELLO")).status == "BAD"
        assert b"XHELLO" in (await alice.command("CAPABILITY")).of("CAPABILITY")[0]


async def test_the_transform_packs_on_the_disk_only(culver: StartServer) -> None:
    pack = plugin("pack", lambda registry: registry.message_transform(run("PACK")["Pack"]))
    async with culver(plugins=[pack]) as server:
        await server.deliver("alice", b"Subject: x\r\n\r\nhello\r\n")
        (path,) = (server.home("alice") / "Maildir" / "new").iterdir()
        stored = path.read_bytes()
        alice = await server.imap("alice")
        await alice.select()
        body = (await alice.fetch(1, "BODY[TEXT]")).fetched()[1]["BODY[TEXT]"]

        assert stored.startswith(b"PACK")
        assert body == b"hello\r\n"


async def test_the_listener_hears(culver: StartServer) -> None:
    example = run("names: list", Record=Record)
    ears = plugin(
        "ears", lambda registry: registry.listener("names", example["hear"], filter="category=mail")
    )
    async with culver(plugins=[ears]) as server:
        composition = server.composition
        Noticing(composition.config, composition.registry, composition.bus).listen()
        await server.deliver("alice", b"Subject: x\r\n\r\nx\r\n")

        assert "mail_appended" in example["names"]
        assert "smtp_server_command_finished" not in example["names"]


def test_the_sink_is_usable_as_a_transport() -> None:
    registry = Registry()
    registry.event_sink(run("class Stderr")["Stderr"])

    assert registry.sinks.names() == ("stderr",)


def test_the_command_line_greets(capsys: pytest.CaptureFixture[str]) -> None:
    greet = run("class Greet")["Greet"]()
    parser = argparse.ArgumentParser()
    greet.arguments(parser)

    assert greet.run(parser.parse_args(["you"])) == 0
    assert capsys.readouterr().out == "Hello you\n"
