"""A configuration that was read: typed settings, for everyone or for one connection."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from culver.config.check import Checker, matching
from culver.config.errors import ConfigError, ConfigErrors, ConfigWarning
from culver.config.filters import Filter, Layer, query
from culver.config.schema import Declarations, Setting, schema_of
from culver.config.section import Section, Value, merged
from culver.config.settings import Block, NumberedList, Settings
from culver.config.vocabulary import Vocabulary

_S = TypeVar("_S", bound=Settings)
_B = TypeVar("_B", bound=Block)

# Answers per connection that are kept; beyond it all are forgotten (they are made anew in tens of
# microseconds). Without `remote` filters a server never comes near it.
_MAX_KEPT: Final = 4096


class Config:
    """Settings as they were read. Immutable; one object serves all sessions."""

    __slots__ = ("_blocks", "_kept", "_sections", "declarations", "layers", "path", "warnings")

    def __init__(
        self,
        layers: list[Layer],
        declarations: Declarations,
        path: str = "",
        warnings: Sequence[ConfigWarning] = (),
    ) -> None:
        """Take layers that were checked, the first with an empty filter."""
        self.layers = layers
        self.declarations = declarations
        self.path = path
        self.warnings = tuple(warnings)
        self._kept: dict[tuple[object, ...], Any] = {}
        self._sections: dict[tuple[int, ...], Section] = {}
        self._blocks: dict[tuple[object, ...], Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what was read, without what is kept of it."""
        return Config, (self.layers, self.declarations, self.path, self.warnings)

    def get(
        self,
        cls: type[_S],
        protocol: str | None = None,
        local_ip: str | None = None,
        remote_ip: str | None = None,
        local_name: str | None = None,
    ) -> _S:
        """The settings of a class for a connection. Raises `ConfigErrors` for a class that was
        not declared when the file was checked and of which a value is wrong.
        """
        key = (cls, protocol, local_ip, remote_ip, local_name)
        try:
            found: _S = self._kept[key]
        except KeyError:
            section = self.section(query(protocol, local_name, local_ip, remote_ip))
            same = (cls, id(section))
            found = self._blocks.get(same) or make_settings(cls, section)
            self._blocks[same] = found
            self._keep(key, found)
        return found

    def blocks(
        self,
        cls: type[_B],
        protocol: str | None = None,
        local_ip: str | None = None,
        remote_ip: str | None = None,
        local_name: str | None = None,
    ) -> tuple[_B, ...]:
        """The blocks of a class for a connection: first those that exist by default (with what is
        written laid over), then the others in the order of the file.
        """
        key = (cls, protocol, local_ip, remote_ip, local_name)
        try:
            found: tuple[_B, ...] = self._kept[key]
        except KeyError:
            section = self.section(query(protocol, local_name, local_ip, remote_ip))
            defaults = [b for b in self.declarations.defaults if isinstance(b, cls)]
            found = make_blocks(cls, section.of(cls.__culver_section__), defaults)
            self._keep(key, found)
        return found

    def raw(self, name: str, protocol: str | None = None) -> str | None:
        """The text of a setting, by a name or a path such as `plugin/quota`; its default if it is
        not set; None if it has none.
        """
        section = self.section(query(protocol))
        found = section.at(name)
        value = found[0].values.get(found[1]) if found else None
        if value is None and "/" not in name:
            value = _plugin(section).get(name)
        if value is not None:
            return value.content()
        setting = self.declarations.setting(name)
        if setting is not None:
            return setting.default_text
        return Vocabulary(self.declarations).default_text(name)

    def plugin(self, protocol: str | None = None) -> dict[str, str]:
        """All that is written in `plugin {}`."""
        values = _plugin(self.section(query(protocol)))
        return {name: value.content() for name, value in values.items()}

    def with_overrides(self, overrides: Mapping[str, str], source: str = "userdb") -> "Config":
        """The configuration of one user, with settings that a userdb gave.

        A name is that of a setting (`mail_location`), a path (`plugin/quota_rule`,
        `namespace/inbox/location`), or, if nobody knows it, a setting of `plugin {}`. Raises
        `ConfigErrors` if a value is wrong or a section is not there.
        """
        if not overrides:
            return self
        overlay = Section()
        vocabulary = Vocabulary(self.declarations)
        errors = [
            ConfigError("Unknown section", source, 0, name, text)
            for name, text in overrides.items()
            if not self._override(overlay, name, text, source, vocabulary)
        ]
        checker = Checker(vocabulary)
        checker.check([Layer(Filter(), overlay)])
        if errors or checker.errors:
            raise ConfigErrors([*errors, *checker.errors])
        layers = [Layer(one.filter, merged(one.root, overlay)) for one in self.layers]
        return Config(layers, self.declarations, self.path, self.warnings)

    def _override(
        self, overlay: Section, name: str, text: str, source: str, vocabulary: Vocabulary
    ) -> bool:
        """Put one override into the overlay; False if its section is not there."""
        if "/" not in name and vocabulary.default_text(name) is None:
            name = f"plugin/{name}"
        *parents, key = name.split("/")
        section, mine = overlay, self.section(Filter())
        while parents:
            kind = parents.pop(0)
            own = "" if kind in vocabulary.strmaps else parents.pop(0) if parents else ""
            theirs = mine.children.get((kind, own))
            if theirs is None and kind not in vocabulary.strmaps:
                return False
            mine = theirs or Section(kind)
            section = section.children.setdefault((kind, own), Section(kind, own, source))
        section.values[key] = Value(text, text, source, 0)
        return True

    def section(self, connection: Filter) -> Section:
        """All that is written and applies to a connection, as one section."""
        found = matching(self.layers, connection)
        key = tuple(map(id, found))
        section = self._sections.get(key)
        if section is None:
            section = found[0].root
            for layer in found[1:]:
                section = merged(section, layer.root)
            self._sections[key] = section
        return section

    def _keep(self, key: tuple[object, ...], found: object) -> None:
        if len(self._kept) >= _MAX_KEPT:
            self._kept.clear()
        self._kept[key] = found


def _plugin(section: Section) -> dict[str, Value]:
    plugin = section.children.get(("plugin", ""))
    return plugin.values if plugin else {}


def make_settings(cls: type[_S], section: Section) -> _S:
    """An instance from what is written. Raises `ConfigErrors` with every value that is wrong."""
    plugin = _plugin(section)
    errors: list[ConfigError] = []
    fields: dict[str, Any] = {}
    for name, setting in schema_of(cls).settings.items():
        if setting.is_strmap:
            child = section.children.get((name, ""))
            if child is not None:
                fields[setting.field] = {k: v.content() for k, v in child.values.items()}
        elif setting.is_numbered:
            _numbered(setting, section, plugin, fields, errors)
        else:
            value = section.values.get(name) or plugin.get(name)
            if value is not None:
                _parse(setting, value, fields, errors)
    if errors:
        raise ConfigErrors(errors)
    return cls(**fields)


def _numbered(
    setting: Setting,
    section: Section,
    plugin: dict[str, Value],
    fields: dict[str, Any],
    errors: list[ConfigError],
) -> None:
    found: list[str] = []
    name, number = setting.name, 1
    while value := section.values.get(name) or plugin.get(name):
        part: dict[str, Any] = {}
        _parse(setting, value, part, errors)
        found += part.get(setting.field, ())
        number += 1
        name = f"{setting.name}{number}"
    if found:
        fields[setting.field] = NumberedList(found)


def _parse(
    setting: Setting, value: Value, fields: dict[str, Any], errors: list[ConfigError]
) -> None:
    try:
        fields[setting.field] = setting.kind.parse(value.content())
    except (ValueError, OSError) as error:
        allowed = setting.doc.allowed or setting.kind.allowed
        errors.append(
            ConfigError(str(error), value.file, value.line, setting.name, value.raw, allowed)
        )


def make_blocks(
    cls: type[_B], sections: Sequence[Section], defaults: Sequence[_B]
) -> tuple[_B, ...]:
    """The blocks of a class: the defaults with their sections laid over, then the others."""
    named = {section.name: section for section in sections if section.name}
    found = [
        make_block(cls, named.pop(base.name), base) if base.name in named else base
        for base in defaults
    ]
    taken = {base.name for base in defaults if base.name}
    return (*found, *(make_block(cls, s, None) for s in sections if s.name not in taken))


def make_block(cls: type[_B], section: Section, base: _B | None) -> _B:
    """One block, over a default one if there is one. Raises `ConfigErrors`."""
    schema = schema_of(cls)
    errors: list[ConfigError] = []
    fields: dict[str, Any] = {}
    if base is not None:
        fields = {name: getattr(base, name) for name in cls.__struct_fields__}
    fields["name"] = section.name
    for name, value in section.values.items():
        setting = schema.settings.get("name" if name == cls.__culver_name_setting__ else name)
        if setting is not None:
            _parse(setting, value, fields, errors)
    if errors:
        raise ConfigErrors(errors)
    for kind, (field, nested) in schema.nested.items():
        fields[field] = make_blocks(nested, section.of(kind), fields.get(field, ()))
    return cls(**fields)
