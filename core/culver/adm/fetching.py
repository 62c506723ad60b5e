"""The fields of ``fetch``: what each needs of a message, and how it is printed (R10-007)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from culver.adm.errors import AdmError
from culver.adm.headervalues import FILTERS, header_value, utf8_text
from culver.errors import Refused
from culver.mail import flags
from culver.mail.columns import Batch, Wanted
from culver.mime.crlf import to_crlf
from culver.mime.decode import UnknownEncodingError, decode_body, transfer_encoding
from culver.mime.headers import header_end
from culver.mime.preview import preview
from culver.mime.sections import Section, Want, find_part, parse_section, section_bytes

if TYPE_CHECKING:
    from culver.adm.query.resolve import Place
    from culver.mail.newmail import Buffer


class Row:
    """One message of a batch."""

    def __init__(self, user: str, place: Place, guid: str, batch: Batch, at: int, seq: int) -> None:
        self.user = user
        self.box = place.box.name
        self.box_guid = guid
        self.batch = batch
        self.at = at
        self.seq = seq
        self.uid = int(batch.uids[at])
        self.recent = self.uid in place.view.recent

    @property
    def body(self) -> Buffer:
        """The mail as it is stored."""
        return self.batch.bodies[self.at]

    def cached(self, name: str) -> bytes:
        """A cache field."""
        return self.batch.cached[name][self.at]


Value = str | int | bytes
"""bytes: a value of many lines, which formats print differently."""


class FetchField(msgspec.Struct, frozen=True):
    """A field: ``wanted`` are the columns that ``show`` reads."""

    name: str
    show: Callable[[Row], Value]
    wanted: Wanted = Wanted()


def _column(name: str) -> Callable[[Row], Value]:
    return lambda row: int(getattr(row.batch, name)[row.at])


def _flags(row: Row) -> Value:
    bits = int(row.batch.flags[row.at])
    names = [name for bit, name in _FLAG_NAMES if bits & bit]
    names += ["\\Recent"] * row.recent
    return " ".join([*names, *(row.batch.keywords[row.at] if row.batch.keywords else ())])


_FLAG_NAMES: Final = (
    (flags.ANSWERED, "\\Answered"),
    (flags.FLAGGED, "\\Flagged"),
    (flags.DELETED, "\\Deleted"),
    (flags.SEEN, "\\Seen"),
    (flags.DRAFT, "\\Draft"),
)


def local_time(seconds: int) -> str:
    """``2026-11-02 10:00:00`` where the administrator is."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _date(name: str) -> Callable[[Row], Value]:
    return lambda row: local_time(int(getattr(row.batch, name)[row.at]))


def _sent(row: Row) -> tuple[int, int]:
    """Seconds since 1970 and zone in minutes; zeros without a date."""
    value = row.cached("date.sent").split()
    return (int(value[0]), int(value[1])) if value else (0, 0)


def _date_sent(row: Row) -> Value:
    seconds, zone = _sent(row)
    hours, minutes = divmod(abs(zone), 60)
    return f"{local_time(seconds)} ({'-' if zone < 0 else '+'}{hours:02}{minutes:02})"


def _hdr(row: Row) -> Value:
    return bytes(row.body[: header_end(row.body)])


def _body(row: Row) -> Value:
    return bytes(row.body[header_end(row.body) :])


def _text(row: Row) -> Value:
    return bytes(row.body[:])


def _imap(name: str) -> Callable[[Row], Value]:
    # The cache holds what stands between the parentheses, and so prints doveadm.
    return lambda row: _inside(row.cached(name)).decode("utf-8", "surrogateescape")


def _inside(value: bytes) -> bytes:
    return value[1:-1] if value.startswith(b"(") and value.endswith(b")") else value


def _preview(row: Row) -> Value:
    return preview(row.body, row.batch.parts[row.at])


_BODIES: Final = Wanted(bodies=True)

_FIELDS: Final = {
    field.name: field
    for field in (
        FetchField("user", lambda row: row.user),
        FetchField("mailbox", lambda row: row.box),
        FetchField("mailbox-guid", lambda row: row.box_guid),
        FetchField("seq", lambda row: row.seq),
        FetchField("uid", lambda row: row.uid),
        FetchField("guid", lambda row: row.batch.guids[row.at], Wanted(guids=True)),
        FetchField("flags", _flags),
        FetchField("modseq", _column("modseqs"), Wanted(modseqs=True)),
        FetchField("hdr", _hdr, _BODIES),
        FetchField("body", _body, _BODIES),
        FetchField("body.preview", _preview, Wanted(bodies=True, parts=True)),
        FetchField("body.snippet", _preview, Wanted(bodies=True, parts=True)),
        FetchField("text", _text, _BODIES),
        FetchField(
            "text.utf8",
            lambda row: utf8_text(row.body, row.batch.parts[row.at]),
            Wanted(bodies=True, parts=True),
        ),
        FetchField("size.physical", lambda row: len(row.body), _BODIES),
        FetchField("size.virtual", _column("sizes"), Wanted(sizes=True)),
        FetchField("date.received", _date("received"), Wanted(received=True)),
        FetchField("date.sent", _date_sent, Wanted(cached=("date.sent",))),
        FetchField("date.saved", _date("saved"), Wanted(saved=True)),
        FetchField("date.received.unixtime", _column("received"), Wanted(received=True)),
        FetchField("date.sent.unixtime", lambda row: _sent(row)[0], Wanted(cached=("date.sent",))),
        FetchField("date.saved.unixtime", _column("saved"), Wanted(saved=True)),
        *(
            FetchField(name, _imap(name), Wanted(cached=(name,)))
            for name in ("imap.envelope", "imap.body", "imap.bodystructure")
        ),
    )
}


def parse_field(name: str) -> FetchField:
    """The field of a name, in lower case.  Raises AdmError for an unknown one."""
    if name in _FIELDS:
        return _FIELDS[name]
    if name.startswith("hdr."):
        return _header_field(name)
    for prefix, binary in (("body.", False), ("binary.", True)):
        if name.startswith(prefix):
            return _section_field(name, name.removeprefix(prefix), binary)
    allowed = " ".join(_FIELDS)
    raise AdmError(
        f"Unknown fetch field: {name}\nAvailable fetch fields:"
        f" hdr.<name> body.<section> binary.<section> {allowed}"
    )


def needed(fields: list[FetchField]) -> Wanted:
    """The columns of all of the fields."""
    cached = dict.fromkeys(name for field in fields for name in field.wanted.cached)

    def any_of(column: str) -> bool:
        return any(getattr(field.wanted, column) for field in fields)

    return Wanted(
        modseqs=any_of("modseqs"),
        received=any_of("received"),
        sizes=any_of("sizes"),
        guids=any_of("guids"),
        saved=any_of("saved"),
        cached=tuple(cached),
        bodies=any_of("bodies"),
        parts=any_of("parts"),
    )


def _section_field(name: str, spec: str, binary: bool) -> FetchField:
    try:
        section = parse_section(spec.upper().encode())
    except ValueError as error:
        raise AdmError(f"Unknown fetch section: {spec}") from error
    return FetchField(
        name, partial(_section, section=section, binary=binary), Wanted(bodies=True, parts=True)
    )


def _section(row: Row, section: Section, binary: bool) -> Value:
    root = row.batch.parts[row.at]
    part = find_part(root, section.path)
    if not binary or section.want is not Want.ALL or not section.path or part is None:
        return section_bytes(row.body, root, section)
    try:
        data = decode_body(row.body, part)
    except UnknownEncodingError as error:
        raise Refused("CANNOT", str(error)) from error
    # What was base64 is given as it was; everything else is text with CRLF, as IMAP serves it.
    return data if transfer_encoding(row.body, part) == b"base64" else to_crlf(data)


def _header_field(name: str) -> FetchField:
    header, _, filter = name.removeprefix("hdr.").partition(".")
    if filter not in FILTERS:
        raise AdmError(f"Unknown header filter: {filter} (allowed: {', '.join(FILTERS)[2:]})")
    column = f"hdr.{header}"

    def show(row: Row) -> Value:
        return header_value(row.cached(column), filter)

    return FetchField(name, show, Wanted(cached=(column,)))
