"""What plugins declare."""

from __future__ import annotations

from typing import Any

import pytest
from tests.culver_testing.cap import CapLayer, CapSettings, MailCapped

from culver.mail.layer import MailboxLayer
from culver.registry import RegistrationError, Registry
from culver_events.record import Record
from culver_plugins.imap.service import ImapService
from culver_plugins.maildir.format import MaildirFormat
from culver_plugins.passwd_file.passdb import PasswdFilePassdb
from culver_plugins.passwd_file.userdb import PasswdFileUserdb
from culver_plugins.sasl.plain import Plain


class Loud(MailboxLayer):
    """Misspells an argument."""

    async def open_view(self, *, readonly: bool) -> Any:  # type: ignore[override]
        raise AssertionError


class Plain2(MailboxLayer):
    """Is not async where it has to be."""

    def close(self) -> None:  # type: ignore[override]
        raise AssertionError


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.plugin = "x"
    return registry


def hear(record: Record) -> None:
    raise AssertionError


def test_every_kind(registry: Registry) -> None:
    registry.settings(CapSettings)
    registry.events(MailCapped)
    registry.mailbox_layer(CapLayer, after="acl", before=["quota", "trash"])
    registry.protocol(ImapService)
    registry.storage_format(MaildirFormat)
    registry.passdb(PasswdFilePassdb)
    registry.userdb(PasswdFileUserdb)
    registry.sasl_mechanism(Plain)
    registry.command("imap", "XHELLO", object())
    registry.listener("ears", hear, filter="event=mail_capped")
    registry.metric("capped", filter="event=mail_capped")
    assert registry.protocols.find("imap") is ImapService
    assert registry.formats.names() == ("maildir",)
    assert registry.commands.names() == ("imap XHELLO",)
    assert len(registry.all_settings) == 1
    assert [entry.name for entry in registry.all_events] == ["mail_capped"]
    (entry,) = registry.layers
    assert (entry.name, entry.plugin, entry.after, entry.before) == (
        "x", "x", ("acl",), ("quota", "trash"),
    )  # fmt: skip
    assert registry.passdbs.find("nobody") is None
    assert registry.userdbs.entry("nobody") is None


@pytest.mark.parametrize(
    ("layer", "error"),
    [
        (Loud, r"plugin x: Loud is no usable MailboxLayer: method open_view can't be called as"),
        (Plain2, r"method close has to be async"),
        (int, r"int is no usable MailboxLayer: it is no subclass of MailboxLayer"),
    ],
)
def test_interfaces_that_are_not_kept(registry: Registry, layer: Any, error: str) -> None:
    with pytest.raises(RegistrationError, match=error):
        registry.mailbox_layer(layer)


def test_names_are_unique_per_kind(registry: Registry) -> None:
    registry.protocol(ImapService)
    registry.plugin = "y"
    with pytest.raises(
        RegistrationError,
        match="plugin y: protocol 'imap' is already declared by plugin x",
    ):
        registry.protocol(ImapService)
