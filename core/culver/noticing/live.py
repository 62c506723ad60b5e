"""One short line per event for somebody who watches: `culver demo`, `culver events tail`."""

from collections.abc import Callable, Container
from typing import Final

from culver.noticing.stamp import strftime_stamp
from culver.noticing.text import one_line, pairs
from culver_events.event import FieldValue, Level
from culver_events.record import Record

_COLOURS: Final[dict[Level, str]] = {
    "debug": "\x1b[2m",
    "info": "\x1b[36m",
    "warning": "\x1b[33m",
    "error": "\x1b[31m",
    "fatal": "\x1b[1;31m",
    "panic": "\x1b[1;31m",
}
_RESET: Final = "\x1b[0m"
# Shown first and without their names; who and where tells events apart at a glance.
_WHO: Final = ("protocol", "user")
_NOISE: Final = frozenset(
    {"session", "local_ip", "local_port", "remote_port", "mailbox_guid", "connection_id",
     "transaction_id", "cmd_tag", "cmd_input_name", "cmd_args", "reason_code", "service_name"}
)  # fmt: skip


class LiveRenderer:
    """`12:00:00 imap alice  login_succeeded  mechanism=PLAIN remote_ip=127.0.0.1`

    Lines are cut at `width` characters, colours (only if `colour`) not counted.
    """

    def __init__(self, colour: bool = False, width: int = 160, hidden: Container[str] = ()) -> None:
        self._stamp = strftime_stamp("%H:%M:%S")
        self._colour = colour
        self._width = width
        self._hidden = hidden

    def line(self, record: Record) -> str:
        """The line, without its line end."""
        fields = record.fields(self._hidden)
        who = " ".join(str(fields.pop(name)) for name in _WHO if name in fields)
        shown = pairs(_quiet(fields))
        head = f"{self._stamp(record.time)} {who or '-':20} "
        tail = one_line(f"{record.name} {shown}".rstrip())
        text = one_line(head) + tail
        if len(text) > self._width:
            text = text[: self._width - 1] + "…"
        if not self._colour:
            return text
        return f"{_COLOURS[record.level]}{text}{_RESET}"


def _quiet(fields: dict[str, FieldValue]) -> dict[str, FieldValue]:
    return {k: v for k, v in fields.items() if k not in _NOISE and v not in (0, False)}


class LiveSink:
    """A listener that prints. `write` gets each line with its end."""

    def __init__(self, renderer: LiveRenderer, write: Callable[[str], object]) -> None:
        self._line = renderer.line
        self._write = write

    def hear(self, record: Record) -> None:
        """Print the record."""
        self._write(self._line(record) + "\n")
