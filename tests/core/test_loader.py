"""Finding, checking and loading plugins: errors name the plugin and the remedy."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest

from culver import loader
from culver.hookspecs import hookimpl
from culver.loader import GROUP, PluginError, Plugins, plugin_name
from culver.registry import Registry


def make(register: Any, **attributes: Any) -> ModuleType:
    """A plugin."""
    module = ModuleType("x")
    vars(module).update(attributes, culver_register=hookimpl(register))
    return module


def harmless(registry: Registry) -> None:
    registry.capability("imap", "XTEST")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        EntryPoint("passwd_file", "culver_plugins.passwd_file.plugin", GROUP),
        EntryPoint("gone", "culver_plugins.not_there", GROUP),
    ]
    monkeypatch.setattr(loader, "entry_points", lambda group: entries)


@pytest.mark.parametrize(
    ("word", "name"),
    [("quota", "quota"), ("passwd-file", "passwd_file"), (" IMAP ", "imap")],
)
def test_names(word: str, name: str) -> None:
    assert plugin_name(word) == name


@pytest.mark.usefixtures("installed")
def test_each_is_loaded_once() -> None:
    plugins = Plugins()
    plugins.load(["passwd-file", "passwd_file", "passwd-file"])
    plugins.load(["passwd-file"])
    assert plugins.names() == ("passwd_file",)
    assert plugins.registry.passdbs.names() == ("passwd-file",)


@pytest.mark.usefixtures("installed")
def test_words_of_others_are_left_alone() -> None:
    plugins = Plugins()
    plugins.load_known(["pam", "passwd-file"])
    assert plugins.names() == ("passwd_file",)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("nothing", "plugin 'nothing' is not installed; installed are: gone, passwd_file"),
        ("gone", "plugin gone: importing culver_plugins.not_there failed: ModuleNotFoundError"),
    ],
)
def test_what_can_not_be_loaded(word: str, error: str) -> None:
    with pytest.raises(PluginError, match=error):
        Plugins().load([word])


def failing(registry: Registry) -> None:
    raise KeyError("oops")


def wrong_argument(register: Registry) -> None:
    raise AssertionError


def no_service(registry: Registry) -> None:
    registry.protocol(int)  # type: ignore[arg-type]


def clashing(registry: Registry) -> None:
    registry.capability("imap", "XTEST")
    registry.capability("imap", "XTEST")


@pytest.mark.parametrize(
    ("register", "error"),
    [
        (failing, "plugin x: culver_register failed: KeyError: 'oops'"),
        (wrong_argument, "plugin x: .*register"),
        (no_service, "plugin x: int is no usable ProtocolService: it is no subclass"),
        (clashing, "plugin x: protocol capability 'imap XTEST' is already declared by plugin x"),
    ],
)
def test_broken_plugins(register: Any, error: str) -> None:
    with pytest.raises(PluginError, match=error):
        Plugins().add("x", make(register))


def test_a_plugin_without_the_hook_brings_nothing() -> None:
    plugins = Plugins()
    plugins.add("empty", ModuleType("empty"))
    assert plugins.names() == ("empty",)


@pytest.mark.parametrize("version", ["1.0", None])
def test_apis_that_fit(version: str | None) -> None:
    plugins = Plugins()
    plugins.add("x", make(harmless, requires_api=version))
    assert plugins.registry.capabilities.names() == ("imap XTEST",)
    entry = plugins.registry.capabilities.entry("imap XTEST")
    assert entry is not None
    assert entry.plugin == "x"


@pytest.mark.parametrize(
    ("version", "error"),
    [
        ("2.0", "plugin x is made for plugin API 2.0, this culver has 1.0"),
        ("1.99", "install a release of the plugin or of culver that fits"),
        ("new", "requires_api is 'new'; it has to be like \"1.0\""),
    ],
)
def test_apis_that_do_not_fit(version: str, error: str) -> None:
    with pytest.raises(PluginError, match=error):
        Plugins().add("x", make(harmless, requires_api=version))


def test_a_name_is_taken_once() -> None:
    plugins = Plugins()
    plugins.add("x", make(harmless))
    with pytest.raises(PluginError, match="plugin x"):
        plugins.add("x", make(harmless))
