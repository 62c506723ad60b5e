"""What an event is: a frozen Struct whose class and every field are documented.

    @event(category="cap", version=1)
    class MailCapped(Event):
        '''A mail was refused for its size. Exactly one per refused mail.'''

        size: Annotated[int, doc("Size of the mail", unit="bytes")]
        sender: Annotated[str, doc("Envelope sender"), personal]

The decorator reads the finished class once and leaves an `EventInfo` on it; whatever needs the
metadata (registry, filters, renderers, the reference pages) asks `event_info`.
"""

import re
import types
from collections.abc import Callable
from enum import Enum
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    Protocol,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
    runtime_checkable,
)

import msgspec

Level = Literal["debug", "info", "warning", "error", "fatal", "panic"]
"""How loud an event is when it becomes a log line; also a pseudo category in filters."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)

Kind = Literal["str", "int", "float", "bool", "ip", "strlist"]
"""What a filter may do with a field: an `ip` is a str that also compares as an address."""

FieldValue = str | int | float | bool | list[str]
"""What a field may hold. None is not a value: it means that the field is absent."""


class Label(Enum):
    """Who may see a field."""

    PUBLIC = "public"
    PERSONAL = "personal"
    SECRET = "secret"


public: Final = Label.PUBLIC
"""Anybody who may read the logs. The default."""
personal: Final = Label.PERSONAL
"""Tells who did what (user names, addresses, subjects); an exporter may be told to drop it."""
secret: Final = Label.SECRET
"""Never leaves the process: no renderer, exporter or metric ever shows it."""


class Doc(msgspec.Struct, frozen=True):
    """What a field means: one phrase, its unit, and its kind where the type alone can't tell."""

    text: str
    unit: str | None = None
    kind: Kind | None = None


def doc(text: str, unit: str | None = None, kind: Kind | None = None) -> Doc:
    """Document a field inside `Annotated[...]`.

    `unit` is the plural noun of a number ("bytes", "usecs"); `kind="ip"` marks a str that holds
    an IP address.
    """
    return Doc(text, unit, kind)


@runtime_checkable
class Documented(Protocol):
    """What stands for documentation in an annotation: ours, or the settings' `doc`."""

    @property
    def text(self) -> str:
        """One phrase."""
        ...

    @property
    def unit(self) -> str | None:
        """Unit of a number."""
        ...


class FieldInfo(msgspec.Struct, frozen=True):
    """One field of an event or of a scope."""

    name: str
    kind: Kind
    doc: str
    unit: str | None = None
    label: Label = Label.PUBLIC
    optional: bool = False
    choices: tuple[str, ...] = ()


class EventInfo(msgspec.Struct, frozen=True):
    """What is known of an event class. `name` is what filters and exports call it."""

    name: str
    category: str
    version: int
    level: Level
    doc: str
    fields: tuple[FieldInfo, ...]
    field_names: frozenset[str]
    groups: tuple[str, ...] = ()


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(msgspec.field,))
class EventMeta(msgspec.StructMeta):
    """Makes each subclass keyword-only: msgspec doesn't inherit that flag, and ours rely on it."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> "EventMeta":
        """Build the class with `kw_only` unless it says otherwise."""
        options.setdefault("kw_only", True)
        return super().__new__(mcls, name, bases, namespace, **options)


class Event(msgspec.Struct, metaclass=EventMeta, frozen=True, gc=False):
    """Base of all events. Immutable, compared by value, outside the garbage collector."""

    __event_info__: ClassVar[EventInfo]


E = TypeVar("E", bound=type[Event])

_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
# Names that every record answers itself; a field called so could never be read.
_RESERVED: Final = frozenset({"event", "category", "source_location", "duration", "reason_code"})
_KINDS: Final[dict[object, Kind]] = {str: "str", int: "int", float: "float", bool: "bool"}


def event(
    *,
    category: str = "",
    version: int = 1,
    name: str | None = None,
    level: Level = "info",
    groups: tuple[str, ...] = (),
) -> Callable[[E], E]:
    """Declare an event class.

    `category` is the root category ("" for none), `level` its loudness as a log line, `groups`
    the names of the scope field groups (see `culver_events.fields`) that its emitters provide.
    Raises TypeError when the class or one of its fields is undocumented or of a wrong type.
    """

    def declare(cls: E) -> E:
        cls.__event_info__ = _describe(cls, category, version, name, level, groups)
        return cls

    return declare


def event_info(cls: type[Event]) -> EventInfo:
    """The metadata of an event class; TypeError when it was never declared with `@event`."""
    info = cls.__dict__.get("__event_info__")
    if not isinstance(info, EventInfo):
        raise TypeError(f"{cls.__qualname__} isn't declared: put @event(...) above the class")
    return info


def snake_case(name: str) -> str:
    """`Pop3CommandFinished` -> `pop3_command_finished`."""
    return _WORD.sub("_", name).lower()


def _describe(
    cls: type[Event],
    category: str,
    version: int,
    name: str | None,
    level: Level,
    groups: tuple[str, ...],
) -> EventInfo:
    name = name or snake_case(cls.__name__)
    text = cls.__dict__.get("__doc__")
    if not isinstance(text, str) or not text.strip():
        raise TypeError(f"event {cls.__qualname__} has no docstring: say when it is emitted")
    if not _NAME.match(name):
        raise TypeError(f"event name {name!r}: allowed are a-z, 0-9 and _, a letter first")
    if level not in LEVELS:
        raise TypeError(f"event {name} has the level {level!r}: allowed are {', '.join(LEVELS)}")
    if version < 1:
        raise TypeError(f"event {name} has the version {version}: versions start at 1")
    fields = _fields(cls, name)
    names = frozenset(field.name for field in fields)
    return EventInfo(name, category, version, level, _dedent(text), fields, names, groups)


def _fields(cls: type[Event], name: str) -> tuple[FieldInfo, ...]:
    hints = get_type_hints(cls, include_extras=True)
    return tuple(describe_field(f"{name}.", field, hints[field]) for field in cls.__struct_fields__)


def describe_field(where: str, name: str, hint: object) -> FieldInfo:
    """Read one annotated field; `where` prefixes its name in the TypeError that a bad one gets."""
    note, label = _notes(hint)
    if note is None or not note.text.strip():
        raise TypeError(f"field {where}{name} is undocumented: Annotated[..., doc('...')]")
    if name in _RESERVED or not _NAME.match(name):
        raise TypeError(f"field {where}{name}: the name is reserved or not snake_case")
    inner, optional = _without_none(_bare(hint))
    kind, choices = _kind(f"{where}{name}", inner)
    if name == "level" and not (choices and set(choices) <= set(LEVELS)):
        raise TypeError(f"field {where}level must be Literal[...] of {', '.join(LEVELS)}")
    wanted: Kind | None = getattr(note, "kind", None)
    return FieldInfo(name, wanted or kind, note.text, note.unit, label, optional, choices)


def _notes(hint: object) -> tuple[Documented | None, Label]:
    note: Documented | None = None
    label = Label.PUBLIC
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, Label):
            label = extra
        elif isinstance(extra, Documented):
            note = extra
    return note, label


def _bare(hint: object) -> object:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _without_none(hint: object) -> tuple[object, bool]:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    rest = [arg for arg in get_args(hint) if arg is not type(None)]
    return (rest[0], True) if len(rest) == 1 else (hint, False)


def _kind(where: str, hint: object) -> tuple[Kind, tuple[str, ...]]:
    if hint in _KINDS:
        return _KINDS[hint], ()
    if hint == list[str]:
        return "strlist", ()
    if get_origin(hint) is Literal and all(isinstance(arg, str) for arg in get_args(hint)):
        return "str", get_args(hint)
    raise TypeError(
        f"field {where} has the type {hint!r}: allowed are str, int, float, bool, list[str], "
        "Literal[str, ...], and each of them | None"
    )


def _dedent(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())
