"""Transforms change the bytes between the mail and the disk (mail-crypt, mail-compress)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from culver.mail.newmail import Buffer

if TYPE_CHECKING:
    from culver.mail.user import MailUser


class MessageTransform(ABC):
    """Wraps the stored bytes of a mail.  One instance per user.

    On the way in the transforms run in the printed order, on the way out in reverse, each only
    if :meth:`recognises` its magic, so that mails saved before it was switched on stay readable.
    Sizes that clients see are always those of the untransformed mail.
    """

    name: ClassVar[str]

    def __init__(self, user: MailUser) -> None:
        self.user = user

    @abstractmethod
    def recognises(self, stored: Buffer) -> bool:
        """Whether the bytes are of this transform's making: a look at the first bytes."""

    @abstractmethod
    def encode(self, mail: Buffer) -> Buffer:
        """To the disk.  May be called in a thread."""

    @abstractmethod
    def decode(self, stored: Buffer) -> Buffer:
        """From the disk.  Damage raises :class:`culver.errors.Refused` with CORRUPTION and
        leaves the file alone.  May be called in a thread."""
