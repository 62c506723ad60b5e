"""Index and cache files of mailboxes that had to be made anew."""

from typing import Annotated

from culver_events.event import Event, doc, event


@event(category="mail-index", version=1, level="warning")
class MailIndexRecreated(Event):
    """Index files were broken or gone and are made whole: from their log, or from the mails."""

    filepath: Annotated[str, doc("Path of dovecot.index")]
    reason: Annotated[str, doc("What was wrong: the file, the field, found and allowed values")]


@event(category="mail-cache", version=1, level="warning")
class MailCacheCorrupted(Event):
    """A cache file was broken and is removed. Nothing but time is lost."""

    filepath: Annotated[str, doc("Path of dovecot.index.cache")]
    reason: Annotated[str, doc("What was wrong: the field, found and allowed values")]
