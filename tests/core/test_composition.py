"""From text to configuration, plugins, bus."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.culver_testing import cap
from tests.culver_testing.cap import CapSettings, MailCapped

from culver.composition import compose
from culver.config.common.server import ServerSettings
from culver.config.errors import ConfigErrors
from culver.loader import PluginError


def test_text() -> None:
    composition = compose(text="protocols = lmtp\nhostname = x\n")
    assert set(composition.plugins.names()) >= {"sasl", "schemes", "maildir", "lmtp"}
    assert "imap" not in composition.plugins.names()
    assert composition.config.get(ServerSettings).protocols == ("lmtp",)


def test_a_file_and_overrides(tmp_path: Path) -> None:
    path = tmp_path / "x.conf"
    path.write_text("protocols = lmtp\nbase_dir = /a\n", encoding="utf-8")
    composition = compose(str(path), overrides={"base_dir": "/b"})
    assert composition.config.get(ServerSettings).base_dir == "/b"


def test_settings_and_events_of_plugins_are_known() -> None:
    text = "protocols = lmtp\nmail_plugins = cap\nplugin { cap_size = 1k }\n"
    composition = compose(text=text, plugins=[("cap", cap)])
    assert composition.config.get(CapSettings).size == 1024
    assert MailCapped in list(composition.bus.registry)
    assert composition.remarks == ()


def test_each_composition_stands_alone() -> None:
    for _ in range(2):
        compose(text="protocols = lmtp\n", plugins=[("cap", cap)])


def test_errors() -> None:
    with pytest.raises(ConfigErrors, match="nonsense"):
        compose(text="nonsense = 1\n")
    with pytest.raises(PluginError, match="there is no plugin 'quoota'"):
        compose(text="mail_plugins = quoota\n")
