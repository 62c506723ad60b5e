"""The lines of Dovecot's mail_log plugin (inventory R15-018)."""

from collections.abc import Callable
from typing import Final

from culver.noticing.wording import Wording, value
from culver_events.event import Event
from culver_events.mail import (
    MailAppended,
    MailboxCreated,
    MailboxDeleted,
    MailboxRenamed,
    MailCopied,
    MailExpunged,
    MailFlagsChanged,
)
from culver_events.record import Record

EVENTS: Final[dict[str, type[Event]]] = {
    "delete": MailFlagsChanged,
    "undelete": MailFlagsChanged,
    "expunge": MailExpunged,
    "save": MailAppended,
    "copy": MailCopied,
    "flag_change": MailFlagsChanged,
    "mailbox_create": MailboxCreated,
    "mailbox_delete": MailboxDeleted,
    "mailbox_rename": MailboxRenamed,
}
"""Names of `mail_log_events` -> the event that each logs."""

DEFAULT_EVENTS: Final = (
    "delete",
    "undelete",
    "expunge",
    "copy",
    "mailbox_delete",
    "mailbox_rename",
)
"""Default of `mail_log_events`."""

DEFAULT_FIELDS: Final = ("uid", "box", "msgid", "size")
"""Default of `mail_log_fields`."""


def _flags(record: Record) -> str:
    return f"({value(record, 'flags')})"


_FIELDS: Final[dict[str, Callable[[Record], str]]] = {
    "box": lambda record: value(record, "mailbox"),
    "uid": lambda record: value(record, "uid"),
    "msgid": lambda record: value(record, "message_id"),
    "size": lambda record: value(record, "size"),
    "vsize": lambda record: value(record, "message_vsize"),
    "from": lambda record: value(record, "message_from"),
    "subject": lambda record: value(record, "message_subject"),
    "flags": _flags,
}
FIELDS: Final = tuple(_FIELDS)
"""Names that `mail_log_fields` may have."""


def wordings(events: tuple[str, ...], fields: tuple[str, ...]) -> dict[type[Event], Wording]:
    """The lines of the chosen events with the chosen fields.

    Raises ValueError for a name that isn't in `EVENTS` or `FIELDS`.
    """
    _check(events, tuple(EVENTS))
    _check(fields, FIELDS)
    shown = [name for name in _FIELDS if name in fields]
    found = {EVENTS[name]: _wording(name, shown) for name in events}
    if MailFlagsChanged in found:
        found[MailFlagsChanged] = _flag_wording(events, shown)
    return found


def _flag_wording(events: tuple[str, ...], fields: list[str]) -> Wording:
    """One event of ours is delete, undelete or flag_change to mail_log, in this order; None when
    what happened isn't among the chosen."""

    def line(record: Record) -> str | None:
        what = _what_changed(record)
        chosen = what if what in events else "flag_change"
        return f"{chosen}: {_shown(record, fields)}" if chosen in events else None

    return line


def _what_changed(record: Record) -> str:
    for name, field in (("delete", "added"), ("undelete", "removed")):
        flags = record.get(field)
        if isinstance(flags, list) and "\\Deleted" in flags:
            return name
    return "flag_change"


def _shown(record: Record, fields: list[str]) -> str:
    return ", ".join(f"{field}={_FIELDS[field](record)}" for field in fields)


def _check(names: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"mail_log knows no {name}: allowed are {', '.join(known)}")


def _wording(name: str, fields: list[str]) -> Wording:
    if name == "mailbox_create":
        return lambda record: f"Mailbox created: {value(record, 'mailbox')}"
    if name == "mailbox_delete":
        return lambda record: f"Mailbox deleted: {value(record, 'mailbox')}"
    if name == "mailbox_rename":
        return lambda r: f"Mailbox renamed: {value(r, 'mailbox')} -> {value(r, 'new_mailbox')}"

    def line(record: Record) -> str:
        what = f"copy from {value(record, 'source_mailbox')}" if name == "copy" else name
        return f"{what}: {_shown(record, fields)}"

    return line
