"""What a storage format may know of the user it works for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from culver.config.settings import Settings
from culver.mail.newmail import Buffer
from culver_events.scope import Scope

if TYPE_CHECKING:
    from culver.mail.transform import MessageTransform

S = TypeVar("S", bound=Settings)


class SettingsSource(Protocol):
    """Where settings come from: a :class:`culver.config.config.Config`, or a test's defaults."""

    def get(self, cls: type[S], /) -> S:
        """The settings of a class for this user."""
        ...


class StorageContext:
    """The user's name, home, settings, events and transforms."""

    def __init__(
        self,
        *,
        user: str,
        home: Path | None,
        scope: Scope,
        config: SettingsSource,
        fsync: Literal["optimized", "always", "never"] = "optimized",
        save_crlf: bool = False,
        transforms: Sequence[MessageTransform] = (),
    ) -> None:
        self.user = user
        self.home = home
        self.scope = scope
        self.config = config
        self.fsync: Literal["optimized", "always", "never"] = fsync
        self.save_crlf = save_crlf
        self.transforms = tuple(transforms)

    def encode(self, mail: Buffer) -> Buffer:
        """The bytes to store: every transform in its order.  May be called in a thread."""
        for transform in self.transforms:
            mail = transform.encode(mail)
        return mail

    def decode(self, stored: Buffer) -> Buffer:
        """The mail of stored bytes: transforms that recognise them, in reverse.  May be called
        in a thread."""
        for transform in reversed(self.transforms):
            if transform.recognises(stored):
                stored = transform.decode(stored)
        return stored
