"""Check what was written against what is declared: all errors at once."""

from typing import Final

from culver.config.catalogue import Known
from culver.config.errors import ConfigError, ConfigWarning
from culver.config.filters import Filter, Layer
from culver.config.kinds import Kind
from culver.config.schema import Schema, schema_of
from culver.config.section import Section, Value
from culver.config.vocabulary import Vocabulary, nearest

_AUTH_BLOCKS: Final = frozenset({"passdb", "userdb"})


class Checker:
    """Walks the layers. `errors` and `warnings` hold what was found.

    With `read_files` the contents of `</path` values of declared settings are read and checked.
    """

    def __init__(self, vocabulary: Vocabulary, *, read_files: bool = True) -> None:
        """Take the names and kinds to check against."""
        self.errors: list[ConfigError] = []
        self.warnings: list[ConfigWarning] = []
        self._vocabulary = vocabulary
        self._read_files = read_files
        self._unused: set[str] = set()

    def check(self, layers: list[Layer]) -> None:
        """Check every value of every layer, and that no two filters contradict each other."""
        for layer in layers:
            self._root(layer)
        for layer in layers[1:]:
            self._conflicts(layer, layers)

    def _root(self, layer: Layer) -> None:
        local = layer.filter.local or layer.filter.remote or layer.filter.local_name is not None
        for name, value in layer.root.values.items():
            if local and name.startswith("auth_"):
                self._auth(name, value.file, value.line)
            self._setting(name, value)
        for child in layer.root.children.values():
            if local and child.section in _AUTH_BLOCKS:
                self._auth(child.section, child.file, child.line)
            self._child(child)

    def _setting(self, name: str, value: Value) -> None:
        """A setting outside blocks."""
        setting = self._vocabulary.settings.get(name) or self._vocabulary.numbered(name)
        if setting is not None:
            self._parse(setting.name, setting.kind, value, allowed=setting.doc.allowed)
            return
        known = self._vocabulary.known(name)
        if known is None:
            self._unknown(name, value)
        elif known.place == "2.3":
            self._parse(name, known.kind, value, read=False)
            self._not_used(name, value)
        else:
            self._misplaced(known, value)

    def _child(self, section: Section) -> None:
        """A section outside blocks."""
        if section.section == "plugin":
            for name, value in section.values.items():
                setting = self._vocabulary.settings.get(name) or self._vocabulary.numbered(name)
                if setting is not None:
                    self._parse(name, setting.kind, value, allowed=setting.doc.allowed)
        elif section.section not in self._vocabulary.strmaps:
            schema = self._vocabulary.declarations.block(section.section)
            if schema is None:
                self._unknown_section(section, ())
            else:
                self._block(section, schema)
            return
        for child in section.children.values():
            self._error("Section not allowed here", child, child.section)

    def _block(self, section: Section, schema: Schema) -> None:
        name_setting = getattr(schema.cls, "__culver_name_setting__", "name")
        for name, value in section.values.items():
            setting = schema.settings.get("name" if name == name_setting else name)
            if setting is not None:
                self._parse(name, setting.kind, value, allowed=setting.doc.allowed)
                continue
            near = _hint(nearest(name, list(schema.settings)))
            text = f"Unknown setting: {section.section} {{ {name}{near}"
            self._error(text, value, name, value.raw)
        for child in section.children.values():
            nested = schema.nested.get(child.section)
            if nested is None:
                self._unknown_section(child, tuple(schema.nested))
            else:
                self._block(child, schema_of(nested[1]))

    # --- one value ---------------------------------------------------------------------------

    def _parse(
        self,
        name: str,
        kind: Kind,
        value: Value,
        *,
        read: bool = True,
        allowed: str | None = None,
    ) -> None:
        if value.path is not None and not (read and self._read_files):
            return
        if value.path is None and not self._read_files and value.raw.startswith("$"):
            return  # shown as it is: the value behind it is checked where it is set
        try:
            kind.parse(value.content())
        except OSError as error:
            text = f"Can't open file {value.path}: {error.strerror}"
            self._error(text, value, name, value.raw)
        except ValueError as error:
            self._error(str(error), value, name, value.raw, allowed or kind.allowed)

    # --- what is wrong -----------------------------------------------------------------------

    def _unknown(self, name: str, value: Value) -> None:
        near = self._vocabulary.nearest(name)
        self._error(f"Unknown setting: {name}{_hint(near)}", value, name, value.raw)

    def _misplaced(self, known: Known, value: Value) -> None:
        if known.place == "plugin":
            text = f"Unknown setting: {known.name} (it belongs into plugin {{ }})"
        elif known.old_names:
            text = f"{known.name} is a setting of Dovecot 2.4; in 2.3 it is " + " or ".join(
                known.old_names
            )
        else:
            text = f"{known.name} is a setting of Dovecot 2.4; the language here is that of 2.3"
        self._error(text, value, known.name, value.raw)

    def _not_used(self, name: str, value: Value) -> None:
        if name not in self._unused:
            self._unused.add(name)
            self.warnings.append(
                ConfigWarning("is not used yet and has no effect", value.file, value.line, name)
            )

    def _unknown_section(self, section: Section, within: tuple[str, ...]) -> None:
        name = section.section
        if within:
            near = nearest(name, list(within))
        else:
            blocks = (b.__culver_section__ for b in self._vocabulary.declarations.blocks)
            near = self._vocabulary.nearest_section(name, tuple(blocks))
        known = self._vocabulary.known(name)
        since = " of Dovecot 2.4" if known is not None and known.place == "2.4" else ""
        self._error(f"Unknown section{since}: {name}{_hint(near)}", section, name)

    def _auth(self, name: str, file: str, line: int) -> None:
        text = f"Auth settings not supported inside local/remote blocks: {name}"
        self.errors.append(ConfigError(text, file, line, name))

    def _error(
        self,
        text: str,
        place: Value | Section,
        setting: str,
        found: str | None = None,
        allowed: str = "",
    ) -> None:
        self.errors.append(ConfigError(text, place.file, place.line, setting, found, allowed))

    def _conflicts(self, layer: Layer, layers: list[Layer]) -> None:
        """Where two filters apply to the connections of `layer` and neither is within the other."""
        found = matching(layers, layer.filter)[::-1]
        seen: dict[str, Value] = {}
        for number, other in enumerate(found):
            within = number == 0 or other.filter.is_within(found[number - 1].filter)
            for name, value in other.root.values.items():
                first = seen.setdefault(name, value)
                if not within and first.raw != value.raw:
                    text = (
                        f"Conflict in setting {name} found from filter at {first.file}:{first.line}"
                    )
                    self._error(text, value, name, value.raw)


def matching(layers: list[Layer], query: Filter) -> list[Layer]:
    """The layers that apply to a connection, the most specific last."""
    found = [layer for layer in layers if layer.filter.matches(query)]
    return sorted(found, key=_specificity)


def _specificity(layer: Layer) -> tuple[bool, int, int, bool]:
    return layer.filter.specificity


def _hint(near: str) -> str:
    return f" (did you mean {near}?)" if near else ""
