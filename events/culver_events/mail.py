"""What happens to mails and mailboxes: the audit trail, and what mail_log prints."""

from typing import Annotated

from culver_events.event import Event, doc, event, personal

_MAILBOX = ("mailbox",)
_MAIL = ("mailbox", "mail")


@event(category="mail", version=1, level="debug", groups=_MAIL)
class MailOpened(Event):
    """The body of a mail was opened."""

    reason: Annotated[str | None, doc("What for")] = None
    size: Annotated[int | None, doc("Size as stored", unit="bytes")] = None


@event(category="mail", version=1, level="debug", groups=_MAIL)
class MailExpungeRequested(Event):
    """A mail is to be expunged. The transaction may still be rolled back: count
    `mail_expunged`."""


@event(category="mail", version=1, groups=_MAILBOX)
class MailExpunged(Event):
    """A mail was expunged. Exactly one per mail and mailbox."""

    uid: Annotated[int, doc("UID that it had")]
    message_id: Annotated[str | None, doc("Message-ID header"), personal] = None
    size: Annotated[int | None, doc("Size", unit="bytes")] = None


@event(category="mail", version=1, groups=_MAILBOX)
class MailAppended(Event):
    """A mail was saved that wasn't a copy. Exactly one per mail; it is on disk."""

    uid: Annotated[int, doc("UID that it got")]
    size: Annotated[int, doc("Size", unit="bytes")]
    message_id: Annotated[str | None, doc("Message-ID header"), personal] = None
    message_from: Annotated[str | None, doc("From header"), personal] = None
    message_subject: Annotated[str | None, doc("Subject header"), personal] = None
    flags: Annotated[list[str] | None, doc("Flags and keywords that it was saved with")] = None


@event(category="mail", version=1, groups=_MAILBOX)
class MailCopied(Event):
    """A mail was copied or moved into the mailbox of the scope. Exactly one per mail."""

    uid: Annotated[int, doc("UID that the copy got")]
    source_mailbox: Annotated[str, doc("Where it was copied from"), personal]
    source_uid: Annotated[int, doc("UID that it has there")]
    moved: Annotated[bool, doc("Whether the original is expunged with it (MOVE)")] = False
    message_id: Annotated[str | None, doc("Message-ID header"), personal] = None
    size: Annotated[int | None, doc("Size", unit="bytes")] = None


@event(category="mail", version=1, groups=_MAILBOX)
class MailFlagsChanged(Event):
    """Flags or keywords of one mail changed. Exactly one per mail whose flags differ now."""

    uid: Annotated[int, doc("UID of the mail")]
    flags: Annotated[list[str], doc("Flags and keywords that it has now")]
    added: Annotated[list[str] | None, doc("Flags that are new")] = None
    removed: Annotated[list[str] | None, doc("Flags that are gone")] = None
    message_id: Annotated[str | None, doc("Message-ID header"), personal] = None
    size: Annotated[int | None, doc("Size", unit="bytes")] = None


@event(category="mailbox", version=1, groups=_MAILBOX)
class MailboxCreated(Event):
    """A mailbox was created."""


@event(category="mailbox", version=1, groups=_MAILBOX)
class MailboxDeleted(Event):
    """A mailbox was deleted with all its mails."""


@event(category="mailbox", version=1, groups=_MAILBOX)
class MailboxRenamed(Event):
    """A mailbox was renamed; its children follow without events of their own. The scope has the
    old name."""

    new_mailbox: Annotated[str, doc("Name that it has now"), personal]


@event(category="mailbox", version=1, groups=_MAILBOX)
class MailboxSubscribed(Event):
    """A user subscribed to a mailbox name."""


@event(category="mailbox", version=1, groups=_MAILBOX)
class MailboxUnsubscribed(Event):
    """A user unsubscribed from a mailbox name."""
