"""Write a configuration as doveconf does, so that the same eyes and scripts can read it."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

from msgspec import Struct

from culver.config.catalogue import catalogue
from culver.config.config import Config
from culver.config.filters import Filter, Layer
from culver.config.kinds import Kind
from culver.config.schema import Schema, is_secret, schema_of
from culver.config.section import Section, Value
from culver.config.settings import Block

# Kinds whose text is printed in one form, whatever form it was written in.
_NORMAL: Final = frozenset(
    {"bool", "int", "Size", "Duration", "TimeMsecs", "Octal", "Port", "Unlimited"}
)

# Blocks that have no names in 2.3: only in them is a value that is the default left out.
_NAMELESS: Final = frozenset({"passdb", "userdb"})

# 2.3 prints these of each namespace, set or not.
_ALWAYS: Final = {"namespace": ("location", "prefix")}

_HIDDEN: Final = "# hidden, use -P to show it"
_IN_VALUE: Final = re.compile(r"(?<![0-9A-Za-z])((?:key|secret|pass)[^=\s]*\s*=)[^\s;:]*")
_IN_URL: Final = re.compile(r"((?:https?|ftp)://)[^\s/@]+(?=@)")


class Scope(Enum):
    """Which settings are written."""

    ALL = "all"
    CHANGED = "changed"
    SET = "set"


class Item(Struct, frozen=True):
    """A line or a section of the output; `key` is what it is sorted by."""

    key: str
    name: str
    text: str = ""
    items: tuple["Item", ...] | None = None


def dump(config: Config, scope: Scope, connection: Filter, *, hide: bool) -> Iterator[str]:
    """The lines of a configuration: what applies to a connection, then the filters' own."""
    yield from lines(root_items(config, scope, connection), 0, hide=hide)
    for layer in _subset(config.layers[1:], connection):
        items = _values(config, layer.root, Scope.SET) + _sections(config, layer.root, Scope.SET)
        if items:
            yield from _filtered(layer, sorted_items(items), hide=hide)


def expanded(config: Config) -> Config:
    """The same with `$name` and `</path` replaced by what they mean. Raises `OSError`."""
    layers = [Layer(layer.filter, _expanded(layer.root)) for layer in config.layers]
    return Config(layers, config.declarations, config.path, config.warnings)


def _expanded(section: Section) -> Section:
    found = Section(section.section, section.name, section.file, section.line)
    for name, value in section.values.items():
        text = value.content()
        found.values[name] = Value(text, text, value.file, value.line)
    for key, child in section.children.items():
        found.children[key] = _expanded(child)
    return found


def _filtered(layer: Layer, items: tuple[Item, ...], *, hide: bool) -> Iterator[str]:
    headers = layer.filter.headers()
    for depth, header in enumerate(headers):
        yield f"{'  ' * depth}{header} {{"
    yield from lines(items, len(headers), hide=hide)
    for depth in reversed(range(len(headers))):
        yield f"{'  ' * depth}}}"


def _subset(layers: list[Layer], connection: Filter) -> list[Layer]:
    """The filters that may apply; what a connection does not say is left open."""
    found = [layer for layer in layers if _open(layer.filter, connection).matches(connection)]
    return sorted(found, key=lambda layer: layer.filter.specificity)


def _open(mask: Filter, connection: Filter) -> Filter:
    return Filter(
        mask.protocol if connection.protocol is not None else None,
        mask.local_name if connection.local_name is not None else None,
        mask.local if connection.local is not None else None,
        mask.remote if connection.remote is not None else None,
    )


def root_items(config: Config, scope: Scope, connection: Filter) -> tuple[Item, ...]:
    """All that applies to a connection, sorted."""
    section = config.section(connection)
    return sorted_items(_values(config, section, scope) + _sections(config, section, scope))


def find(items: tuple[Item, ...], path: str) -> tuple[Item, ...]:
    """The items that a setting's or section's name or a path such as `service/auth/user` means."""
    exact = [item for item in items if item.items is None and item.name == path]
    if exact:
        return (exact[0],)
    word, _, rest = path.partition("/")
    found = tuple(
        item for item in items if item.items is not None and item.key.startswith(f"{word}/")
    )
    if not rest:
        return found
    for item in found:
        inner = item.items or ()
        name = item.key.removeprefix(f"{word}/").removesuffix("/")
        if name == rest:
            return (item,)
        below = rest.removeprefix(f"{name}/") if name else rest
        if below != rest or not name:
            deeper = find(inner, below)
            if deeper:
                return deeper
    return ()


def lines(items: tuple[Item, ...], depth: int, *, hide: bool) -> Iterator[str]:
    """The lines of items, two spaces a level."""
    indent = "  " * depth
    for item in items:
        if item.items is None:
            yield f"{indent}{item.name} = {shown(item.name, item.text, hide=hide)}"
        else:
            yield f"{indent}{item.name} {{"
            yield from lines(item.items, depth + 1, hide=hide)
            yield f"{indent}}}"


def flat(items: tuple[Item, ...], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Paths and values, one a setting."""
    for item in items:
        if item.items is None:
            yield prefix + item.name, item.text
        else:
            yield from flat(item.items, prefix + item.key)


def shown(name: str, text: str, *, hide: bool) -> str:
    """A value as it is printed: secrets hidden, quoted where the language needs it."""
    quoted = "#" in text or (text != "" and (text[0] in " \t" or text[-1] in " \t"))
    if hide and text:
        if is_secret(name):
            return _HIDDEN
        masked = _IN_URL.sub(r"\1#hidden_use-P_to_show#", text)
        masked = _IN_VALUE.sub(r"\1#hidden_use-P_to_show#", masked)
        if masked != text:
            return masked
    return f'"{_escaped(text)}"' if quoted else text


def sorted_items(items: list[Item]) -> tuple[Item, ...]:
    """In doveconf's order: octets of the path, a setting's end before all."""
    return tuple(sorted(items, key=lambda item: item.key.encode("utf-8", "surrogateescape")))


def _values(config: Config, section: Section, scope: Scope) -> list[Item]:
    """The settings outside blocks."""
    declared = config.declarations.all_settings
    found: list[Item] = []
    for name, value in section.values.items():
        setting, known = declared.get(name), catalogue().get(name)
        kind = setting.kind if setting else known.kind if known else None
        default = setting.default_text if setting else known.default if known else ""
        text = text_of(kind, value)
        if scope is not Scope.CHANGED or text != default:
            found.append(Item(f"{name}\0", name, text))
    if scope is Scope.ALL:
        for name, setting in declared.items():
            # Numbered settings are those of plugins, which 2.3 has no defaults of.
            if name not in section.values and not (setting.is_strmap or setting.is_numbered):
                found.append(Item(f"{name}\0", name, setting.default_text))
    return found


def text_of(kind: Kind | None, value: Value) -> str:
    """A value in the form it is printed in."""
    if kind is None or kind.name not in _NORMAL or value.path or "$" in value.raw:
        return value.raw
    try:
        return kind.to_text(kind.parse(value.raw))
    except ValueError:
        return value.raw


def _sections(config: Config, section: Section, scope: Scope) -> list[Item]:
    """The sections outside blocks, those that exist by default too."""
    found: list[Item] = []
    blocks = {cls.__culver_section__: cls for cls in config.declarations.blocks}
    for kind in dict.fromkeys([key[0] for key in section.children] + list(blocks)):
        children = section.of(kind)
        cls = blocks.get(kind)
        if cls is None:
            found += [_strmap(child) for child in children if child.values]
        else:
            defaults = [b for b in config.declarations.defaults if isinstance(b, cls)]
            found += _block_items(schema_of(cls), children, defaults, scope)
    return found


def _strmap(section: Section) -> Item:
    values = [Item(f"{name}\0", name, value.raw) for name, value in section.values.items()]
    return Item(f"{section.section}/", section.section, items=sorted_items(values))


def _block_items(
    schema: Schema, sections: list[Section], defaults: list[Block], scope: Scope
) -> list[Item]:
    named = {section.name: section for section in sections}
    bases = {base.name: base for base in defaults}
    kind = getattr(schema.cls, "__culver_section__", "")
    found = [
        _block_item(schema, kind, section, bases.get(section.name), scope, number)
        for number, section in enumerate(sections)
    ]
    if scope is Scope.ALL:
        found += [
            _block_item(schema, kind, Section(kind, name), base, scope, 0)
            for name, base in bases.items()
            if name not in named
        ]
    return [item for item in found if item is not None]


def _block_item(
    schema: Schema, kind: str, section: Section, base: Block | None, scope: Scope, number: int
) -> Item | None:
    name_setting = getattr(schema.cls, "__culver_name_setting__", "name")
    own = section.values.get(name_setting)
    name = own.text if own is not None and not section.name else section.name
    nameless = kind in _NAMELESS
    items: list[Item] = []
    if nameless and (name or scope is not Scope.CHANGED):
        items.append(Item("name\0", "name", name))
    for word, setting in schema.settings.items():
        if word in ("name", name_setting):
            continue
        value = section.values.get(word)
        default = setting.kind.to_text(
            getattr(base or setting, setting.field if base else "default")
        )
        if value is None:
            if scope is Scope.ALL or (word in _ALWAYS.get(kind, ()) and section.values):
                items.append(Item(f"{word}\0", word, default))
            continue
        text = text_of(setting.kind, value)
        if scope is not Scope.CHANGED or not nameless or text != default:
            items.append(Item(f"{word}\0", word, text))
    for nested, (field, cls) in schema.nested.items():
        bases: list[Block] = list(getattr(base, field)) if base else []
        items += _block_items(schema_of(cls), section.of(nested), bases, scope)
    if not items:
        return None
    header = "" if nameless else name
    return Item(_block_key(kind, header, number), _header(kind, header), items=sorted_items(items))


def _header(kind: str, name: str) -> str:
    if not name:
        return kind
    return f'{kind} "{_escaped(name)}"' if " " in name else f"{kind} {name}"


def _block_key(kind: str, name: str, number: int) -> str:
    for char, code in (("\\", "\\\\"), ("/", "\\s"), ("=", "\\e"), (" ", "\\_"), (",", "\\+")):
        name = name.replace(char, code)
    return f"{kind}/{name or number}/"


def _escaped(text: str) -> str:
    return re.sub(r"([\"'\\])", r"\\\1", text)
