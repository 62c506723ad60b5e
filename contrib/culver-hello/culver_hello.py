"""Say hello to mails: the smallest plugin that uses every seam it is shown for."""

from __future__ import annotations

from collections.abc import Sequence
from email.parser import BytesHeaderParser
from email.policy import default
from typing import Annotated

import msgspec

from culver.plugin import (
    Event,
    MailboxLayer,
    NewMail,
    Refused,
    Registry,
    Saved,
    Settings,
    doc,
    event,
    hookimpl,
)

requires_api = "1.0"

KEYWORD = "$Hello"


class HelloSettings(Settings, prefix="hello"):
    """Which mails are greeted, and which are turned away."""

    word: Annotated[str, doc("A mail with this word in its subject is greeted")] = "hello"
    forbidden: Annotated[str, doc("A mail with this word in its subject is refused")] = ""


@event(category="hello", version=1)
class HelloSaid(Event):
    """A mail was greeted. Exactly one per greeted mail and mailbox; the mail is on disk."""

    uid: Annotated[int, doc("UID of the mail")]
    word: Annotated[str, doc("Word that was found")]


class HelloLayer(MailboxLayer):
    """Gives greeted mails a keyword and emits an event for each."""

    async def append(self, mails: Sequence[NewMail]) -> Sequence[Saved]:
        """Refuse all if one is forbidden; otherwise save all, then tell of the greeted ones."""
        settings = self.settings(HelloSettings)
        subjects = [subject_of(mail) for mail in mails]
        if any(has(subject, settings.forbidden) for subject in subjects):
            raise Refused("NOPERM", "The subject is forbidden")
        greeted = [has(subject, settings.word) for subject in subjects]
        saved = await self.next.append(
            [with_keyword(mail) if hit else mail for mail, hit in zip(mails, greeted, strict=True)]
        )
        for one, hit in zip(saved, greeted, strict=True):
            if hit:
                self.emit(HelloSaid(uid=one.uid, word=settings.word))
        return saved


def subject_of(mail: NewMail) -> str:
    """The decoded subject; empty when there is none."""
    content = mail.content()
    ends = [end for end in (content.find(b"\n\n"), content.find(b"\r\n\r\n")) if end >= 0]
    header = BytesHeaderParser(policy=default).parsebytes(content[: min(ends, default=None)])
    return str(header.get("Subject", ""))


def has(subject: str, word: str) -> bool:
    """Whether the word is in the subject, without regard to case.  No word is in none."""
    return bool(word) and word.casefold() in subject.casefold()


def with_keyword(mail: NewMail) -> NewMail:
    """The mail with the keyword besides its own."""
    return msgspec.structs.replace(mail, keywords=tuple({*mail.keywords, KEYWORD}))


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare everything that this plugin brings."""
    registry.settings(HelloSettings)
    registry.events(HelloSaid)
    registry.metric("hello_said", filter="event=hello_said", description="Mails greeted")
    registry.mailbox_layer(HelloLayer)
    registry.capability("imap", "XHELLO")
