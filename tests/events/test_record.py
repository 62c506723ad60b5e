"""Records: what a listener can read, and what it can't."""

from typing import Annotated

from culver_events.event import Event, doc, event, secret
from culver_events.mail import MailExpunged
from culver_events.record import Record
from culver_events.scope import Scope
from culver_events.server import LogMessage


@event(category="mail")
class KeyUsed(Event):
    """A key was used."""

    key_id: Annotated[str, doc("Which key")]
    key_material: Annotated[str, doc("The key"), secret]


def test_fields_come_from_the_event_then_the_scope() -> None:
    scope = Scope(user="alice", uid=1, clock=lambda: 10)
    record = Record(MailExpunged(uid=7), scope, 25)

    assert (record.get("uid"), record.get("user"), record.get("mailbox")) == (7, "alice", None)
    assert record.get("duration") == record.duration == 15
    assert record.fields() == {"user": "alice", "uid": 7}
    assert record.fields(without={"user"}) == {"uid": 7}


def test_an_absent_field_of_the_event_falls_to_the_scope() -> None:
    record = Record(MailExpunged(uid=7), Scope(message_id="<m>"), 0)

    assert record.get("message_id") == "<m>"
    assert record.fields()["message_id"] == "<m>"


def test_a_clock_set_back_gives_no_negative_duration() -> None:
    assert Record(MailExpunged(uid=7), Scope(clock=lambda: 10), 5).duration == 0


def test_categories_include_parents_and_the_scopes() -> None:
    scope = Scope(categories=("service:imap", "maildir"))

    assert Record(MailExpunged(uid=7), scope, 0).categories == (
        "mail",
        "mailbox",
        "storage",
        "service:imap",
        "maildir",
    )


def test_the_level_is_the_classs_or_the_messages() -> None:
    assert Record(MailExpunged(uid=7), Scope(), 0).level == "info"
    assert Record(LogMessage(level="error", text="x"), Scope(), 0).level == "error"


def test_a_secret_never_shows() -> None:
    record = Record(KeyUsed(key_id="k", key_material="hush"), Scope(key_material="also"), 0)

    assert record.fields() == {"key_id": "k"}
