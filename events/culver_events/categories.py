"""The tree of categories. A filter for a parent also matches its children.

Names and parents are Dovecot's (inventory R9-008 to R9-013); `service:NAME` is open-ended.
"""

from functools import lru_cache
from typing import Final

_ROOTS: Final = (
    "auth auth-client dict dict-server director dns dns-client dns-worker fs fts fts-dovecot "
    "fts-flatcurve http-client http-server imap imap-urlauth indexer-worker lda lmtp "
    "local-delivery login login-proxy lua mail-cache mail-index managesieve metacache oauth2 pop3 "
    "push-notification quota-status server sieve smtp-client smtp-server smtp-submit sql ssl "
    "storage submission"
)
_CHILDREN: Final = {
    "imap": "imap-hibernate",
    "mailbox": "mail",
    "sieve": "sieve-action sieve-execute sieve-runtime sieve-storage",
    "sql": "cassandra mysql pgsql sqlite sqlpool",
    "ssl": "ssl-client ssl-server",
    "storage": "cydir imapc maildir mailbox mbox mdbox obox pop3c sdbox",
}

PARENTS: Final[dict[str, str | None]] = {
    **dict.fromkeys(_ROOTS.split()),
    **{child: parent for parent, names in _CHILDREN.items() for child in names.split()},
}
"""Category -> its parent, None for a root."""

OLD_NAMES: Final = {"push_notification": "push-notification"}
"""Dovecot 2.3's spelling -> today's."""


@lru_cache(maxsize=1024)
def lineage(category: str) -> tuple[str, ...]:
    """A bundled category and its parents, nearest first; one that isn't bundled is its own root."""
    names = [category]
    while (parent := PARENTS.get(names[-1])) is not None:
        names.append(parent)
    return tuple(names)
