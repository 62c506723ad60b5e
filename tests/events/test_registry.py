"""The registry: what it holds, what it refuses, and whose names it understands."""

from typing import Annotated

import pytest

from culver_events.categories import PARENTS, lineage
from culver_events.dovecot import DOVECOT_EVENTS
from culver_events.event import Event, FieldInfo, Label, doc, event, event_info
from culver_events.fields import ALIASES, GROUPS, SCOPE_FIELDS
from culver_events.mail import MailExpunged
from culver_events.registry import EventRegistry, default_registry
from culver_events.server import LogMessage


@event(category="cap")
class MailCapped(Event):
    """A mail was refused."""

    size: Annotated[int, doc("Size")]


def test_classes_are_found_by_name() -> None:
    registry = EventRegistry()
    registry.register(MailCapped, MailCapped)

    assert (registry.get("mail_capped"), registry.get("nothing")) == (MailCapped, None)
    assert (list(registry), len(registry), registry.names()) == ([MailCapped], 1, ["mail_capped"])
    assert registry.info("mail_capped").category == "cap"
    assert registry.knows_category("cap")


def test_two_classes_of_one_name_are_refused() -> None:
    @event(name="mail_capped")
    class Other(Event):
        """Another."""

    registry = EventRegistry()
    registry.register(MailCapped)
    with pytest.raises(ValueError, match=r"mail_capped of .* is already declared by"):
        registry.register(Other)


def test_an_undeclared_class_is_refused() -> None:
    class Plain(Event):
        """Never declared."""

        size: Annotated[int, doc("Size")] = 0

    with pytest.raises(TypeError, match="put @event"):
        EventRegistry().register(Plain)


def test_who_watches_is_told() -> None:
    registry = EventRegistry()
    told: list[int] = []
    registry.watch(lambda: told.append(len(registry)))
    registry.register(MailCapped)

    assert told == [1]


def test_kinds_of_fields() -> None:
    registry = default_registry()

    assert registry.kinds("net_in_bytes") == {"int"}
    assert registry.kinds("remote_ip") == {"ip"}
    assert registry.kinds("reason_code") == {"strlist"}
    assert registry.kinds("duration") == {"int"}
    assert registry.kinds("id_param_os-version") == {"str"}
    assert registry.kinds("nothing") == frozenset()


@pytest.mark.parametrize(("old", "new"), ALIASES.items())
def test_old_names_mean_new_ones(old: str, new: str) -> None:
    registry = default_registry()

    assert registry.canonical(old) == new
    assert registry.kinds(new)
    assert {old, new} <= set(registry.field_names())


def test_an_events_own_field_is_not_an_alias() -> None:
    @event()
    class Driven(Event):
        """Has a field that elsewhere is an old name."""

        driver: Annotated[str, doc("Who drives")]

    registry = EventRegistry()
    registry.register(Driven)

    assert registry.canonical("driver") == "driver"


def test_scope_fields_of_plugins() -> None:
    registry = EventRegistry()
    tenant = FieldInfo("tenant", "str", "Whose server it is", None, Label.PERSONAL, True)
    registry.scope_field(tenant)
    registry.scope_field(tenant)

    assert registry.kinds("tenant") == {"str"}
    assert "tenant" in registry.personal()
    with pytest.raises(ValueError, match="already declared otherwise"):
        registry.scope_field(FieldInfo("tenant", "int", "Number", None))
    with pytest.raises(ValueError, match="is secret"):
        registry.scope_field(FieldInfo("password", "str", "Password", None, Label.SECRET))


def test_personal_fields() -> None:
    personal = default_registry().personal()

    assert {"user", "remote_ip", "message_subject", "new_mailbox"} <= personal
    assert not {"session", "uid", "net_in_bytes"} & personal


def test_categories() -> None:
    registry = EventRegistry()
    registry.category("mine")

    assert lineage("mail") == ("mail", "mailbox", "storage")
    assert registry.parents("imap-hibernate") == ("imap",)
    assert lineage("mine") == ("mine",)
    for known in ("mine", "storage", "warning", "service:imap", "push_notification"):
        assert registry.knows_category(known)
    assert not registry.knows_category("nothing")
    assert {"mine", "panic", "sql"} <= set(registry.categories())


def test_parents_are_categories_themselves() -> None:
    assert {parent for parent in PARENTS.values() if parent} <= set(PARENTS)


def test_bundled_events_name_known_categories_and_groups() -> None:
    for cls in default_registry():
        info = event_info(cls)

        assert info.category == "" or info.category in PARENTS
        assert set(info.groups) <= set(GROUPS)


def test_groups_list_declared_fields() -> None:
    assert {name for names in GROUPS.values() for name in names} <= set(SCOPE_FIELDS)


def test_dovecots_names_are_used_where_it_has_the_event() -> None:
    ours = set(default_registry().names())

    assert len(ours & DOVECOT_EVENTS) >= 40
    assert {"imap_command_finished", "auth_request_finished", "mail_delivery_finished"} <= ours


def test_registries_are_independent() -> None:
    one = default_registry()
    one.register(MailCapped)

    assert default_registry().get("mail_capped") is None
    assert one.get("mail_expunged") is MailExpunged
    assert one.get("log_message") is LogMessage
