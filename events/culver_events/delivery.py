"""Local delivery: LMTP's last step and the local delivery agent."""

from typing import Annotated

from culver_events.event import Event, doc, event, personal

_DELIVERY = ("mail_user", "mail_delivery")


@event(category="local-delivery", version=1, level="debug", groups=_DELIVERY)
class MailDeliveryStarted(Event):
    """A mail is about to be delivered to one recipient."""


@event(category="local-delivery", version=1, groups=_DELIVERY)
class MailDeliveryFinished(Event):
    """The delivery to one recipient ended. Exactly one per `mail_delivery_started`; the mail is
    on disk when `error` is absent."""

    mailbox: Annotated[str | None, doc("Where the mail was saved"), personal] = None
    uid: Annotated[int | None, doc("UID that it got")] = None
    storage_id: Annotated[str | None, doc("ID that the storage gave it")] = None
    action: Annotated[
        str | None, doc("What was done if not a plain save: stored, discarded, forwarded")
    ] = None
    error: Annotated[str | None, doc("Why it wasn't delivered")] = None
    temporary: Annotated[bool, doc("Whether trying again may help; only with error")] = False
