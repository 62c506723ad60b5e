"""A user whose mail is open."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from culver.mail.mailbox import Mailbox, MailboxInfo

if TYPE_CHECKING:
    from culver.config.config import Config
    from culver.mail.namespace import Namespace
    from culver_events.scope import Scope


class MailUser(ABC):
    """One user's namespaces and mailboxes, as one session sees them.

    Mailbox names are full names as the user
    sees them: Unicode, with namespace prefix and that namespace's separator; INBOX compares
    without case.  Methods raise :class:`culver.errors.Refused` (NONEXISTENT, ALREADYEXISTS,
    CANNOT, NOPERM) or :class:`culver.errors.Unavailable`.
    """

    name: str
    home: Path | None
    config: Config
    """With this user's overrides from the userdb applied."""
    scope: Scope
    namespaces: Sequence[Namespace]

    @abstractmethod
    async def open(self, name: str) -> Mailbox:
        """The mailbox wrapped in its layers.  The caller closes it."""

    @abstractmethod
    async def mailboxes(self) -> Sequence[MailboxInfo]:
        """Every mailbox of the listed namespaces, and subscriptions without a mailbox
        (``exists`` false), sorted by name, INBOX first."""

    @abstractmethod
    async def create(self, name: str, *, special_use: Sequence[str] = ()) -> None:
        """Create with the parents it needs.  A trailing separator makes only a folder of
        folders where the layout has such (RFC 3501 6.3.3)."""

    @abstractmethod
    async def delete(self, name: str) -> None:
        """Remove mailbox and mail; children stay."""

    @abstractmethod
    async def rename(self, old: str, new: str) -> None:
        """Rename with children.  INBOX: its mails move to the new mailbox (RFC 3501 6.3.5)."""

    @abstractmethod
    async def subscribe(self, name: str, subscribed: bool) -> None:
        """Write the subscriptions file."""

    @abstractmethod
    async def close(self) -> None:
        """Let go.  Called when the last session of the user has ended."""


class MailService(ABC):
    """Opens users.  One per worker process."""

    @abstractmethod
    async def user(self, name: str, fields: dict[str, Any], scope: Scope) -> MailUser:
        """The user with the fields that the userdb gave (uid, gid, home, mail, any setting).

        Sessions of one user with the same fields share stores and open mailboxes; each caller
        has a handle with its own scope, and closes it once.
        """
