"""Refuse mails larger than a cap, and say so in an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from culver.plugin import (
    Event,
    MailboxLayer,
    NewMail,
    Refused,
    Registry,
    Saved,
    Settings,
    Size,
    doc,
    event,
    hookimpl,
    personal,
)


class CapSettings(Settings, prefix="cap"):
    """How large a mail may be."""

    size: Annotated[Size, doc("Largest mail that is accepted; 0 = no limit")] = Size(0)


@event(category="mail", version=1)
class MailCapped(Event):
    """A mail was refused for its size. Exactly one per refused mail."""

    size: Annotated[int, doc("Size of the mail", unit="bytes")]
    sender: Annotated[str, doc("Envelope sender"), personal]


class CapLayer(MailboxLayer):
    """Looks at each mail before it is saved."""

    async def append(self, mails: Sequence[NewMail]) -> Sequence[Saved]:
        cap = self.settings(CapSettings).size
        for mail in mails:
            if cap and mail.size > cap:
                self.emit(MailCapped(size=mail.size, sender=mail.sender))
                raise Refused("LIMIT", f"The mail is larger than {cap}")
        return await self.next.append(mails)


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare settings, event and layer."""
    registry.settings(CapSettings)
    registry.events(MailCapped)
    registry.mailbox_layer(CapLayer, after=["acl"], before=["quota"])
