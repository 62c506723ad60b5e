"""What is odd in a configuration is told once."""

from __future__ import annotations

from pathlib import Path

from culver.process.server import emit_remarks
from culver.testing.capture import capture_events
from culver.testing.server import make_composition
from culver_events.server import ConfigWarning


def warnings(root: Path, config: str) -> list[str]:
    composition = make_composition(root, config=config)
    captured = capture_events(composition.bus)
    emit_remarks(composition)
    return [event.text for event in captured.of(ConfigWarning)]


def test_nothing_odd(tmp_path: Path) -> None:
    assert warnings(tmp_path, "") == []


def test_a_protocol_that_nobody_speaks(tmp_path: Path) -> None:
    (text,) = warnings(tmp_path, "protocols = imap sieve\n")
    assert text == "protocols: sieve is not served: no installed plugin speaks it"


def test_a_plugin_of_dovecots(tmp_path: Path) -> None:
    (text,) = warnings(tmp_path, "mail_plugins = fts_squat\n")
    assert text.endswith("mail_plugins: fts_squat is a plugin of Dovecot's that culver lacks")
