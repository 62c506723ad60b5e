"""Which plugins a configuration names."""

from __future__ import annotations

import pytest

from culver.config.common import COMMON
from culver.config.parser import Parser
from culver.config.vocabulary import Vocabulary
from culver.loader import PluginError
from culver.words import Words


def words_of(text: str) -> Words:
    parser = Parser(Vocabulary(COMMON), str)
    parser.read_text(text, "x.conf")
    return Words(parser.layers)


def test_what_is_always_there() -> None:
    plugins = list(words_of("").plugins())
    assert plugins[:3] == ["sasl", "schemes", "maildir"]
    assert {"imap", "lmtp"} <= set(plugins)


def test_protocols_and_drivers() -> None:
    text = "protocols = lmtp\npassdb {\n driver = passwd-file\n}\nmail_location = maildir:~/x\n"
    plugins = set(words_of(text).plugins())
    assert {"lmtp", "passwd-file", "maildir"} <= plugins
    assert "imap" not in plugins


def test_dovecots_plugins_that_are_lacking_are_remarks() -> None:
    words = words_of("mail_plugins = $mail_plugins fts_squat\n")
    assert list(words.remarks()) == [
        "x.conf:1: mail_plugins: fts_squat is a plugin of Dovecot's that culver lacks"
    ]


def test_words_of_nobody_are_errors() -> None:
    with pytest.raises(
        PluginError, match=r"x.conf:2: mail_plugins: .*'quoota'; did you mean quota"
    ):
        list(words_of("\nmail_plugins = quoota\n").remarks())
