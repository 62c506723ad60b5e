"""Which plugins a configuration needs, found out before they are loaded."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from culver.loader import ALWAYS, PluginError, installed, plugin_name

if TYPE_CHECKING:
    from culver.config.filters import Layer
    from culver.config.section import Section

FORMATS = ("mail_location", "location")
"""Settings whose first word, up to the colon, is a storage format."""

DOVECOT_PLUGINS = frozenset(
    [
        "acl",
        "apparmor",
        "charset_alias",
        "dict_ldap",
        "expire",
        "fail_mail_on_quota",
        "fs_compress",
        "fs_crypt",
        "fs_mail",
        "fts",
        "fts_lucene",
        "fts_solr",
        "fts_squat",
        "imap_acl",
        "imap_filter_sieve",
        "imap_metadata",
        "imap_quota",
        "imap_sieve",
        "imap_stats",
        "imap_zlib",
        "last_login",
        "lazy_expunge",
        "listescape",
        "mail_compress",
        "mail_crypt",
        "mail_filter",
        "mail_log",
        "mail_lua",
        "mailbox_alias",
        "notify",
        "notify_status",
        "old_stats",
        "pop3_migration",
        "push_notification",
        "quota",
        "quota_clone",
        "replication",
        "sieve",
        "snarf",
        "stats",
        "trash",
        "var_expand_crypt",
        "virtual",
        "welcome",
        "zlib",
    ]
)
"""Plugins of Dovecot's that may stand in a ``mail_plugins`` of today's configuration."""


class Words:
    """The plugin words of a configuration."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        self.protocols: set[str] = set()
        self.mail_plugins: dict[str, str] = {}
        """Word to where it stands, file:line."""
        self.others: set[str] = set()
        """Drivers and formats: a plugin of that name is loaded if there is one."""
        for layer in layers:
            self._read(layer.root)

    def _read(self, section: Section) -> None:
        for name, value in section.values.items():
            text = value.text  # a word is never read from a file
            if name == "protocols":
                self.protocols.update(text.split())
            elif name in ("mail_plugins", "culver_plugins"):
                where = f"{value.file}:{value.line}"
                self.mail_plugins |= dict.fromkeys(_plain_words(text), where)
            elif name == "driver":
                self.others.add(text)
            elif name == "transport":
                self.others.add(f"export_{text}")
            elif name in FORMATS and ":" in text:
                self.others.add(text.partition(":")[0])
        for child in section.children.values():
            self._read(child)

    def plugins(self) -> Iterator[str]:
        """What to load, in the order in which it is declared."""
        known = installed()
        yield from ALWAYS
        # The format that is tried when none is named.
        yield "maildir"
        for word in sorted(self.protocols or {"imap", "pop3", "lmtp"}) + sorted(self.others):
            if plugin_name(word) in known:
                yield word
        for word in self.mail_plugins:
            if plugin_name(word) in known:
                yield word

    def remarks(self) -> Iterator[str]:
        """Warnings for Dovecot's plugins that culver doesn't have yet.

        Raises :exc:`PluginError` for a word that is no plugin of anybody's.
        """
        known = installed()
        for word, where in self.mail_plugins.items():
            name = plugin_name(word)
            if name in known:
                continue
            if name not in DOVECOT_PLUGINS:
                near = difflib.get_close_matches(name, [*known, *DOVECOT_PLUGINS], 1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise PluginError(f"{where}: mail_plugins: there is no plugin {word!r}{hint}")
            yield f"{where}: mail_plugins: {word} is a plugin of Dovecot's that culver lacks"


def _plain_words(text: str) -> list[str]:
    return [word for word in text.split() if not word.startswith("$")]
