"""Every example of a configuration can be used, and the plugin of the how-to works."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.docs.pages import ROOT, fences, pages

from culver.composition import Composition, compose
from culver.process.endpoints import endpoints

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
    exec(compile(python(0), "cap.py", "exec"), vars(module))
    return module


def python(number: int) -> str:
    return fences(HOWTO / "write-a-plugin.md", "python")[number]


async def test_the_plugin_of_the_howto_passes_its_own_test(cap: ModuleType, culver: Any) -> None:
    namespace: dict[str, Any] = {}
    exec(compile(python(1), "test_cap.py", "exec"), namespace)

    await namespace["test_a_large_mail_is_refused"](culver)


async def test_the_command_of_the_howto_answers(culver: Any) -> None:
    namespace: dict[str, Any] = {"__name__": "hello"}
    exec(compile(python(3), "hello.py", "exec"), namespace)

    class Plugin:
        name = "hello"

        @staticmethod
        def register(registry: Any) -> None:
            registry.command("imap", "XHELLO", namespace["XHELLO"])

    async with culver(plugins=[as_plugin(Plugin.register)]) as server:
        alice = await server.imap("alice")

        assert (await alice.command("XHELLO world")).text == "Hello world"
        assert (await alice.command("XHELLO")).status == "BAD"


def as_plugin(register: Any) -> ModuleType:
    from culver.plugin import hookimpl

    module = ModuleType("hello", "")
    vars(module)["culver_register"] = hookimpl(lambda registry: register(registry))
    return module
