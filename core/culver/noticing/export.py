"""`event_exporter`: events as JSON or tab-separated lines, in Dovecot's shapes (R9-185, R9-186)."""

from collections.abc import Callable, Container
from typing import Any, Final, Literal

import msgspec

from culver.noticing.stamp import rfc3339
from culver.noticing.target import Target
from culver.noticing.text import plain
from culver_events.event import FieldValue
from culver_events.record import Record

Part = Literal["name", "hostname", "timestamps", "categories", "fields"]
PARTS: Final[tuple[Part, ...]] = ("name", "hostname", "timestamps", "categories", "fields")
"""Names of `exporter_include`; all is the default."""

TimeFormat = Literal["time-rfc3339", "time-unix"]
_TAB: Final = str.maketrans({"\x01": "\x011", "\t": "\x01t", "\r": "\x01r", "\n": "\x01n"})


class Exporter:
    """Turns records into what an exporter sends. `hidden` names fields never to be sent."""

    def __init__(
        self,
        hostname: str,
        time: TimeFormat = "time-rfc3339",
        include: Container[Part] = PARTS,
        hidden: Container[str] = (),
    ) -> None:
        self.hostname = hostname
        self.include = include
        self.hidden = hidden
        self._time: Callable[[int], str | msgspec.Raw] = rfc3339 if time == "time-rfc3339" else unix

    def parts(self, record: Record) -> dict[str, Any]:
        """The exported object."""
        found: dict[str, Any] = {}
        if "name" in self.include:
            found["event"] = record.name
        if "hostname" in self.include:
            found["hostname"] = self.hostname
        if "timestamps" in self.include:
            found["start_time"] = self._time(record.scope.created)
            found["end_time"] = self._time(record.time)
        if "categories" in self.include:
            found["categories"] = record.categories
        if "fields" in self.include:
            found["fields"] = self._fields(record)
        return found

    def _fields(self, record: Record) -> dict[str, FieldValue]:
        # Dovecot has no truth values: yes and no are texts there, and dashboards match them.
        fields = {**record.fields(self.hidden), "duration": record.duration}
        return {k: plain(v) if isinstance(v, bool) else v for k, v in fields.items()}

    def json(self, record: Record) -> bytes:
        """One JSON object and a line end."""
        return msgspec.json.encode(self.parts(record)) + b"\n"

    def tab_text(self, record: Record) -> bytes:
        """`event:n<TAB>hostname:h<TAB>...<TAB>field:k=v` and a line end; control characters are
        escaped as in all of Dovecot's tab protocols."""
        parts = self.parts(record)
        items = [
            f"{key}:{bytes(text).decode() if isinstance(text, msgspec.Raw) else text}"
            for key, text in parts.items()
            if key not in ("categories", "fields")
        ]
        items += [f"category:{name}" for name in parts.get("categories", ())]
        items += [f"field:{k}={plain(v)}" for k, v in parts.get("fields", {}).items()]
        return "\t".join(item.translate(_TAB) for item in items).encode(errors="replace") + b"\n"


def unix(usecs: int) -> msgspec.Raw:
    """Seconds since the epoch as an exact JSON number with six decimals."""
    seconds, rest = divmod(usecs, 1_000_000)
    return msgspec.Raw(f"{seconds}.{rest:06d}".encode())


class FileExport:
    """A listener that appends each record to a file."""

    def __init__(self, encode: Callable[[Record], bytes], target: Target) -> None:
        self.encode = encode
        self.target = target

    def hear(self, record: Record) -> None:
        """Append the record. Raises OSError when the file can't take it."""
        self.target.write(self.encode(record))

    def reopen(self) -> None:
        """After rotation (`doveadm stats reopen`)."""
        self.target.reopen()
