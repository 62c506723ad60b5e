"""Record -> bytes of one log line. Each is a structlog processor, the last of its chain.

The event dictionary has one key of ours, `record`; the renderer takes everything from it.
"""

import os
from collections.abc import Container
from typing import Any, Final, Protocol

import msgspec
import structlog
from structlog.typing import EventDict

from culver.noticing.stamp import Stamp, rfc3339, strftime_stamp
from culver.noticing.text import one_line, pairs
from culver.noticing.wording import WORDINGS, Wording, value
from culver_events.connection import ClientConnectionConnected, ClientConnectionDisconnected
from culver_events.event import Event, FieldValue, Level
from culver_events.login import LoginAborted, LoginSucceeded
from culver_events.record import Record

LOG_TIMESTAMP: Final = "%b %d %H:%M:%S "
"""Default of `log_timestamp`."""


class Renderer(Protocol):
    """A structlog processor that ends the chain. Raises structlog.DropEvent for no line at all."""

    def __call__(self, logger: Any, method_name: str, event_dict: EventDict, /) -> bytes:
        """The line, without its line end."""
        ...


class DovecotRenderer:
    """Dovecot's lines: `Jan 31 12:00:00 imap-login: Info: Login: user=<u>, method=PLAIN, ...`.

    `wordings` adds or replaces lines (mail_log's); `hidden` names fields never to be shown.
    """

    def __init__(
        self,
        timestamp: str = LOG_TIMESTAMP,
        wordings: dict[type[Event], Wording] | None = None,
        hidden: Container[str] = (),
    ) -> None:
        self._stamp = strftime_stamp(timestamp)
        self._wordings = {**WORDINGS, **(wordings or {})}
        self._hidden = hidden

    def __call__(self, logger: Any, method_name: str, event_dict: EventDict) -> bytes:
        """One line of text."""
        record: Record = event_dict["record"]
        text = self.message(record)
        if text is None:
            raise structlog.DropEvent
        level = _LEVELS.get(type(record.event), record.level)
        line = f"{prefix(record)}{level.capitalize()}: {text}"
        return (self._stamp(record.time) + one_line(line)).encode(errors="replace")

    def message(self, record: Record) -> str | None:
        """The line's text alone; None when the event isn't a line."""
        wording = self._wordings.get(type(record.event))
        if wording is not None:
            return wording(record)
        own = {k: v for k, v in record.fields(self._hidden).items() if k in record.info.field_names}
        return f"{record.name} {pairs(own)}".rstrip()


# Events that are too many to be lines of their own accord, and are informative where they are.
_LEVELS: Final[dict[type[Event], Level]] = {
    ClientConnectionConnected: "info",
    ClientConnectionDisconnected: "info",
}

_LOGIN_PROTOCOLS: Final = {"sieve": "managesieve"}


def prefix(record: Record) -> str:
    """The scope's prefix; else what Dovecot's processes write before the level."""
    given = record.scope.prefix
    if given:
        return given
    protocol = value(record, "protocol")
    if isinstance(record.event, LoginSucceeded | LoginAborted):
        return f"{_LOGIN_PROTOCOLS.get(protocol, protocol)}-login: "
    if record.info.category == "auth":
        return "auth: "
    if record.info.category == "server" and not value(record, "session"):
        return "master: "
    user = value(record, "user")
    if user:
        return f"{protocol}({user})<{os.getpid()}><{value(record, 'session')}>: "
    return f"{protocol or 'master'}: "


def flat(record: Record, stamp: Stamp = rfc3339, hidden: Container[str] = ()) -> dict[str, Any]:
    """What the structured renderers show: time, level, event, duration, then all fields."""
    head = {"time": stamp(record.time), "level": record.level, "event": record.name}
    return {**head, **record.fields(hidden)}


class JsonRenderer:
    """One JSON object per line: time, level, event, and every field by its name."""

    def __init__(self, hidden: Container[str] = ()) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._hidden = hidden

    def __call__(self, logger: Any, method_name: str, event_dict: EventDict) -> bytes:
        """One line of JSON."""
        return self._encode(flat(event_dict["record"], hidden=self._hidden))


class LogfmtRenderer:
    """`time=... level=info event=login_succeeded user=alice ...`"""

    def __init__(self, hidden: Container[str] = ()) -> None:
        self._hidden = hidden

    def __call__(self, logger: Any, method_name: str, event_dict: EventDict) -> bytes:
        """One line of logfmt."""
        fields: dict[str, FieldValue] = flat(event_dict["record"], hidden=self._hidden)
        return one_line(pairs(fields)).encode(errors="replace")


STRUCTLOG_LEVELS: Final[dict[Level, str]] = {
    "debug": "debug",
    "info": "info",
    "warning": "warning",
    "error": "error",
    "fatal": "critical",
    "panic": "critical",
}
"""Our level -> structlog's method."""
