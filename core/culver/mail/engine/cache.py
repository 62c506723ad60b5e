"""What was computed from mails once: envelopes, structures, headers; a bounded LRU."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, TypeAlias

MailKey: TypeAlias = "tuple[str, int, int]"
"""Mailbox key, UIDVALIDITY, UID."""

_ENTRY_COST: Final = 300
"""Bytes that an entry takes beside its values, roughly."""


class MailCache:
    """Fields of mails by the names of Dovecot's cache fields.  Shared by a process's mailboxes."""

    def __init__(self, limit: int = 32 << 20) -> None:
        self.limit = limit
        """Bytes."""
        self.size = 0
        self._mails: OrderedDict[MailKey, dict[str, bytes]] = OrderedDict()

    def get(self, key: MailKey, name: str) -> bytes | None:
        """The value, or None when it has to be computed."""
        mail = self._mails.get(key)
        if mail is None:
            return None
        self._mails.move_to_end(key)
        return mail.get(name)

    def put(self, key: MailKey, fields: dict[str, bytes]) -> None:
        """Remember values of a mail beside those it has."""
        mail = self._mails.setdefault(key, {})
        if not mail:
            self.size += _ENTRY_COST
        for name, value in fields.items():
            self.size += len(value) - len(mail.get(name, b""))
            mail[name] = value
        self._mails.move_to_end(key)
        while self.size > self.limit and len(self._mails) > 1:
            self._drop(self._mails.popitem(last=False)[1])

    def forget(self, key: MailKey) -> None:
        """The mail is gone."""
        mail = self._mails.pop(key, None)
        if mail is not None:
            self._drop(mail)

    def _drop(self, mail: dict[str, bytes]) -> None:
        self.size -= _ENTRY_COST + sum(map(len, mail.values()))

    def __len__(self) -> int:
        return len(self._mails)


shared_cache: Final = MailCache()
"""The process's cache."""
