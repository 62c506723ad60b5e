"""The reference of settings, as Markdown and as JSON Schema, from their declarations."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from culver.config.kinds import Kind
from culver.config.schema import Declarations, Schema, Setting, schema_of
from culver.config.settings import Block, Settings

_JSON_TYPES: Final = {"bool": "boolean", "int": "integer", "strmap": "object"}


def markdown(declarations: Declarations, title: str = "Settings") -> str:
    """One page: a section a class, a table row a setting; blocks come after the settings."""
    parts = [f"# {title}\n"]
    for cls in declarations.settings:
        parts += _section(schema_of(cls), cls.__name__, 2)
    for block in declarations.blocks:
        parts += _block(block, 2)
    return "\n".join(parts)


def _block(cls: type[Block], level: int) -> Iterator[str]:
    schema = schema_of(cls)
    yield from _section(schema, f"`{cls.__culver_section__} NAME {{ }}`", level)
    for _, nested in schema.nested.values():
        yield from _block(nested, level + 1)


def _section(schema: Schema, title: str, level: int) -> Iterator[str]:
    yield f"{'#' * level} {title}\n\n{schema.summary}\n"
    yield "| Setting | Type | Default | Meaning |\n|---|---|---|---|"
    yield from map(_row, schema.settings.values())
    yield ""


def _row(setting: Setting) -> str:
    default = f"`{_cell(setting.default_text)}`" if setting.default_text else ""
    cells = (f"`{setting.name}`", _type(setting), default, _meaning(setting))
    return f"| {' | '.join(cells)} |"


def _type(setting: Setting) -> str:
    kind = setting.kind
    if kind.values and kind.name == "enum":
        return ", ".join(f"`{_cell(value)}`" if value else "empty" for value in kind.values)
    return kind.name


def _meaning(setting: Setting) -> str:
    about = setting.doc
    text = about.text if about.unit is None else f"{about.text} ({about.unit})"
    if about.allowed:
        text += f". Allowed: {about.allowed}"
    if about.example:
        text += f". Example: `{_cell(about.example)}`"
    return text if "`" in text else _cell(text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def json_schema(classes: Iterable[type[Settings] | type[Block]]) -> dict[str, Any]:
    """A JSON Schema (2020-12) of an object that has every setting of the classes by its name.

    A block is an array, under the name of its section.
    """
    properties: dict[str, Any] = {}
    for cls in classes:
        if issubclass(cls, Block):
            properties[cls.__culver_section__] = {"type": "array", "items": _object(cls)}
        else:
            properties |= _object(cls)["properties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _object(cls: type[Settings] | type[Block]) -> dict[str, Any]:
    schema = schema_of(cls)
    properties = {name: _property(setting) for name, setting in schema.settings.items()}
    for section, (_, nested) in schema.nested.items():
        properties[section] = {"type": "array", "items": _object(nested)}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _property(setting: Setting) -> dict[str, Any]:
    found = _json_kind(setting.kind) | {"description": setting.doc.text}
    if not setting.is_strmap:
        found["default"] = _json_default(setting)
    if setting.doc.example is not None:
        found["examples"] = [setting.doc.example]
    return found


def _json_kind(kind: Kind) -> dict[str, Any]:
    if kind.name == "enum":
        return {"type": "string", "enum": list(kind.values)}
    if kind.name == "int":
        return {"type": "integer", "minimum": 0, "maximum": 2**32 - 1}
    return {"type": _JSON_TYPES.get(kind.name, "string")}


def _json_default(setting: Setting) -> Any:
    return setting.default if setting.kind.name in ("bool", "int") else setting.default_text
