"""A namespace: a prefix, and the store behind it (inventory R4-085)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from culver.config.common.namespace import MailboxBlock, NamespaceBlock
from culver.errors import Refused
from culver.mail import match
from culver.mail.storage import INBOX, MailboxPath, StorageFormat


class Namespace:
    """Maps full names, as users see them, to the mailboxes of one store."""

    def __init__(
        self,
        format: StorageFormat,
        *,
        prefix: str = "",
        separator: str = "",
        type: Literal["private", "shared", "public"] = "private",
        inbox: bool = False,
        hidden: bool = False,
        list: Literal["yes", "no", "children"] = "yes",
        subscriptions: bool = True,
        alias_for: str | None = None,
        mailboxes: Sequence[MailboxBlock] = (),
    ) -> None:
        self.format = format
        self.prefix = prefix
        self.separator = separator or format.mailboxes.separator
        self.type: Literal["private", "shared", "public"] = type
        self.inbox = inbox
        self.hidden = hidden
        self.list = list
        self.subscriptions = subscriptions
        self.alias_for = alias_for
        self.mailboxes = tuple(mailboxes)

    def path_of(self, name: str) -> MailboxPath | None:
        """The mailbox of a full name; None when it is not of this namespace.

        Refused CANNOT for the name of the namespace itself and for empty parts.
        """
        if name.upper() == "INBOX":
            return INBOX if self.inbox else None
        if not name.startswith(self.prefix):
            is_root = bool(self.prefix) and name + self.separator == self.prefix
            if not is_root:
                return None
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")
        parts = name[len(self.prefix) :].split(self.separator)
        if not all(parts):
            raise Refused("CANNOT", "Invalid mailbox name: empty part")
        if self.inbox and not self.prefix and parts[0].upper() == "INBOX":
            parts[0] = "INBOX"
        return tuple(parts)

    def name_of(self, path: MailboxPath) -> str:
        """The full name of a mailbox."""
        if path == INBOX and self.inbox:
            return "INBOX"
        return self.prefix + self.separator.join(path)

    def shows(self, path: MailboxPath) -> bool:
        """Whether the name can be told: a part with the separator in it could not be told from
        two parts (a store of another layout, or one changed by hand)."""
        return not any(self.separator in part for part in path)

    def block(self, path: MailboxPath) -> MailboxBlock | None:
        """The ``mailbox`` block for it: named by the name without prefix, or by a wildcard."""
        name = self.separator.join(path)
        for block in self.mailboxes:
            if block.name == name:
                return block
        for block in self.mailboxes:
            if ("*" in block.name or "%" in block.name) and match.matches(
                [block.name], name, self.separator
            ):
                return block
        return None

    def auto_mailboxes(self) -> dict[MailboxPath, MailboxBlock]:
        """Mailboxes that exist because the configuration says so."""
        return {
            tuple(block.name.split(self.separator)): block
            for block in self.mailboxes
            if block.auto != "no" and "*" not in block.name and "%" not in block.name
        }


def from_block(block: NamespaceBlock, format: StorageFormat, prefix: str) -> Namespace:
    """The namespace of a configuration block whose ``prefix`` is expanded."""
    return Namespace(
        format,
        prefix=prefix,
        separator=block.separator,
        type=block.type_,
        inbox=block.inbox,
        hidden=block.hidden,
        list=block.list,
        subscriptions=block.subscriptions,
        alias_for=block.alias_for,
        mailboxes=block.mailboxes,
    )
