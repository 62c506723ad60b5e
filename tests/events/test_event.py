"""Event classes: what the decorator accepts, what it reads, and what it refuses."""

from typing import Annotated, Any, Literal, cast

import msgspec
import pytest

from culver_events.event import (
    Doc,
    Event,
    EventMeta,
    Label,
    doc,
    event,
    event_info,
    personal,
    snake_case,
)


@event(category="cap", version=2, level="warning")
class MailCapped(Event):
    """A mail was refused for its size. Exactly one per refused mail."""

    size: Annotated[int, doc("Size of the mail", unit="bytes")]
    sender: Annotated[str, doc("Envelope sender"), personal]
    hint: Annotated[str | None, doc("What to do")] = None
    address: Annotated[str, doc("Where from", kind="ip")] = "::1"
    kind: Annotated[Literal["soft", "hard"], doc("Which limit")] = "soft"
    seen: Annotated[list[str], doc("Flags")] = []  # noqa: RUF012


def test_the_metadata_of_a_class() -> None:
    info = event_info(MailCapped)

    assert (info.name, info.category, info.version) == ("mail_capped", "cap", 2)
    assert info.level == "warning"
    assert info.doc.startswith("A mail was refused")
    assert [(f.name, f.kind, f.unit, f.label, f.optional, f.choices) for f in info.fields] == [
        ("size", "int", "bytes", Label.PUBLIC, False, ()),
        ("sender", "str", None, Label.PERSONAL, False, ()),
        ("hint", "str", None, Label.PUBLIC, True, ()),
        ("address", "ip", None, Label.PUBLIC, False, ()),
        ("kind", "str", None, Label.PUBLIC, False, ("soft", "hard")),
        ("seen", "strlist", None, Label.PUBLIC, False, ()),
    ]
    assert info.field_names == {"size", "hint", "sender", "address", "kind", "seen"}


def test_an_event_is_immutable_keyword_only_and_compared_by_value() -> None:
    one = MailCapped(size=1, sender="a@b")

    assert one == MailCapped(size=1, sender="a@b")
    with pytest.raises(AttributeError):
        setattr(one, "size", 2)  # noqa: B010
    with pytest.raises(TypeError):
        MailCapped(*(1, "a@b"))


def test_an_event_becomes_json_and_back() -> None:
    one = MailCapped(size=1, sender="a@b", seen=["\\Seen"])

    assert msgspec.json.decode(msgspec.json.encode(one), type=MailCapped) == one


class _ForeignDoc(msgspec.Struct, frozen=True):
    text: str
    unit: str | None = None
    example: str = ""


def test_the_settings_doc_documents_events_too() -> None:
    @event()
    class Borrowed(Event):
        """Documented in other words."""

        size: Annotated[int, _ForeignDoc("Size", "bytes")]

    (field,) = event_info(Borrowed).fields
    assert (field.doc, field.unit, field.kind) == ("Size", "bytes", "int")


def test_a_class_without_a_docstring_is_refused() -> None:
    class Mute(Event):
        size: Annotated[int, doc("Size")]

    with pytest.raises(TypeError, match="Mute has no docstring"):
        event(category="cap")(Mute)


def test_a_class_that_was_never_declared_has_no_metadata() -> None:
    class Later(MailCapped):
        """Inherits the fields, not the declaration."""

        more: Annotated[int, doc("One more")] = 0

    with pytest.raises(TypeError, match="put @event"):
        event_info(Later)


def made(field: str, hint: object) -> type[Event]:
    """A documented, undeclared class `Bad` with one field."""
    body = {"__annotations__": {field: hint}, "__doc__": "Something.", "__module__": __name__}
    return cast("type[Event]", EventMeta("Bad", (Event,), body))


REFUSED_FIELDS = [
    (int, "field bad.x is undocumented"),
    (Annotated[int, "size"], "field bad.x is undocumented"),
    (Annotated[int, doc("  ")], "field bad.x is undocumented"),
    (Annotated[bytes, doc("Raw")], "field bad.x has the type <class 'bytes'>"),
    (Annotated[dict[str, str], doc("Map")], "field bad.x has the type dict"),
    (Annotated[list[int], doc("Numbers")], "field bad.x has the type list"),
    (Annotated[int | str, doc("Either")], "field bad.x has the type int | str"),
    (Annotated[int | str | None, doc("Either")], "field bad.x has the type"),
    (Annotated[Literal[1, 2], doc("Numbers")], "field bad.x has the type"),
]


@pytest.mark.parametrize(("hint", "message"), REFUSED_FIELDS)
def test_a_field_is_refused(hint: Any, message: str) -> None:
    with pytest.raises(TypeError) as refusal:
        event()(made("x", hint))
    assert message in str(refusal.value)


@pytest.mark.parametrize("name", ["duration", "category", "event", "Upper", "level"])
def test_a_field_name_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=f"field bad.{name}"):
        event()(made(name, Annotated[str, doc("Text")]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Mail-Capped"}, "event name 'Mail-Capped'"),
        ({"level": "loud"}, "has the level 'loud': allowed are debug, info"),
        ({"version": 0}, "versions start at 1"),
    ],
)
def test_an_option_is_refused(options: dict[str, Any], message: str) -> None:
    class Fine(Event):
        """Fine."""

    with pytest.raises(TypeError, match=message):
        event(**options)(Fine)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MailCapped", "mail_capped"),
        ("Pop3CommandFinished", "pop3_command_finished"),
        ("SmtpServerTransactionRcptFinished", "smtp_server_transaction_rcpt_finished"),
        ("IMAPThing", "imap_thing"),
        ("X", "x"),
    ],
)
def test_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_a_required_field_may_follow_an_optional_one() -> None:
    made_up = EventMeta(
        "Loose",
        (Event,),
        {"__annotations__": {"a": int, "b": int}, "a": 1, "__module__": __name__},
    )

    assert made_up(b=2).a == 1


def test_doc_keeps_what_it_is_told() -> None:
    assert doc("Size", unit="bytes") == Doc("Size", "bytes", None)
