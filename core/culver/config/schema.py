"""What a declaration says, field by field: names, kinds, defaults, documentation."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Struct, structs

from culver.config.kinds import Kind, kind_of
from culver.config.settings import Block, Doc, NumberedList, Settings

# Settings whose value doveconf hides; the endings are those of doveconf.
_SECRET_ENDINGS: Final = ("_password", "_key", "_nonce")


class Setting(Struct, frozen=True):
    """One setting: its name in the file, the field that takes it, its kind, default and doc."""

    name: str
    field: str
    kind: Kind
    default: Any
    doc: Doc

    @property
    def default_text(self) -> str:
        """The default as the file would write it."""
        return "" if self.kind.name == "strmap" else str(self.kind.to_text(self.default))

    @property
    def is_numbered(self) -> bool:
        """Whether `name2`, `name3`, ... belong to it."""
        return self.kind.name == NumberedList.__name__

    @property
    def is_strmap(self) -> bool:
        """Whether it is a section of free keys, as `plugin {}`."""
        return self.kind.name == "strmap"


class Schema(Struct, frozen=True):
    """A declared class: its settings by name, and its nested blocks by section name."""

    cls: type[Settings] | type[Block]
    settings: dict[str, Setting]
    nested: dict[str, tuple[str, type[Block]]]

    @property
    def summary(self) -> str:
        """The first sentence of the class's docstring."""
        return (self.cls.__doc__ or "").strip().partition("\n\n")[0].replace("\n    ", " ")


@cache
def schema_of(cls: type[Settings] | type[Block]) -> Schema:
    """The schema of a declaration. Raises `TypeError` for a field without a doc or of no type."""
    hints = get_type_hints(cls, include_extras=True)
    prefix = getattr(cls, "__culver_prefix__", "")
    schema = Schema(cls, {}, {})
    for field in structs.fields(cls):
        _declare(schema, prefix, field, hints[field.name])
    return schema


def _declare(schema: Schema, prefix: str, field: structs.FieldInfo, hint: Any) -> None:
    where = f"{schema.cls.__qualname__}.{field.name}"
    text, annotation = _split(hint)
    if text is None:
        raise TypeError(f"{where} has no doc: write Annotated[..., doc('...')]")
    block = _nested_block(annotation)
    if block is not None:
        schema.nested[block.__culver_section__] = (field.name, block)
        return
    name = f"{prefix}_{field.name}" if prefix else field.name
    name = name.removesuffix("_")
    default = _default(field)
    if default is NODEFAULT:
        raise TypeError(f"{where} has no default")
    schema.settings[name] = Setting(name, field.name, kind_of(annotation), default, text)


def _default(field: structs.FieldInfo) -> Any:
    return field.default if field.default_factory is NODEFAULT else field.default_factory()


def _split(hint: Any) -> tuple[Doc | None, Any]:
    if get_origin(hint) is not Annotated:
        return None, hint
    annotation, *extras = get_args(hint)
    return next((extra for extra in extras if isinstance(extra, Doc)), None), annotation


def _nested_block(annotation: Any) -> type[Block] | None:
    args = get_args(annotation)
    if get_origin(annotation) is tuple and len(args) == 2 and args[1] is Ellipsis:
        return args[0] if isinstance(args[0], type) and issubclass(args[0], Block) else None
    return None


class Declarations(Struct, frozen=True):
    """Everything that may stand in a configuration.

    `settings` and `blocks` are the declared classes (of nested blocks only the outermost), and
    `defaults` named blocks that exist without being written, such as the services of a protocol;
    what the file says of a block of the same name is laid over it.
    """

    settings: tuple[type[Settings], ...] = ()
    blocks: tuple[type[Block], ...] = ()
    defaults: tuple[Block, ...] = ()

    def __add__(self, other: "Declarations") -> "Declarations":
        """Both, each class once."""
        return Declarations(
            _unique((*self.settings, *other.settings)),
            _unique((*self.blocks, *other.blocks)),
            (*self.defaults, *other.defaults),
        )

    def setting(self, name: str) -> Setting | None:
        """The setting of this name outside blocks."""
        return _index(self.settings).get(name)

    @property
    def all_settings(self) -> dict[str, Setting]:
        """Every setting outside blocks, by name."""
        return _index(self.settings)

    def block(self, section: str) -> Schema | None:
        """The schema of the outermost block of this section name."""
        for cls in self.blocks:
            if cls.__culver_section__ == section:
                return schema_of(cls)
        return None

    @property
    def strmaps(self) -> frozenset[str]:
        """Names of sections of free keys; `plugin` is always one."""
        declared = (s.name for s in self.all_settings.values() if s.is_strmap)
        return frozenset({"plugin", *declared})


def _unique(classes: Iterable[type[Any]]) -> tuple[type[Any], ...]:
    return tuple(dict.fromkeys(classes))


@lru_cache(maxsize=64)
def _index(classes: tuple[type[Settings], ...]) -> dict[str, Setting]:
    """Settings by name. The first declaration of a name shared by two classes wins."""
    found: dict[str, Setting] = {}
    for cls in classes:
        for name, setting in schema_of(cls).settings.items():
            found.setdefault(name, setting)
    return found


def is_secret(name: str) -> bool:
    """Whether doveconf hides the value of a setting of this name."""
    return name.startswith("ssl_dh") or name.endswith(_SECRET_ENDINGS)
