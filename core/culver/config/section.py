"""What was written: values with their places, in sections."""

from pathlib import Path
from typing import TypeAlias

from msgspec import Struct, field

# Section name and block name; a block without a name has a number of its own instead.
BlockKey: TypeAlias = tuple[str, str]


class Value(Struct, frozen=True, gc=False):
    """A value as written: `text` with `$names` put in, `raw` as `culver config` shows it.

    `path` is the file of `key = </path`, whose contents are the value.
    """

    text: str
    raw: str
    file: str
    line: int
    path: str | None = None

    def content(self) -> str:
        """The value itself, read from its file if it has one. Raises `OSError`."""
        if self.path is None:
            return self.text
        return Path(self.path).read_text("utf-8", "surrogateescape")


class Section(Struct):
    """A section: its settings and the sections in it, both in the order of the file."""

    section: str = ""
    name: str = ""
    file: str = ""
    line: int = 0
    values: dict[str, Value] = field(default_factory=dict[str, Value])
    children: dict[BlockKey, "Section"] = field(default_factory=dict[BlockKey, "Section"])

    def of(self, section: str) -> list["Section"]:
        """The sections of this kind."""
        return [child for key, child in self.children.items() if key[0] == section]

    def at(self, path: str) -> tuple["Section", str] | None:
        """The section and the key that `service/auth/user` means; None if there is no section."""
        section, words = self, path.split("/")
        while len(words) > 1:
            kind = words.pop(0)
            child = section.children.get((kind, ""))
            if child is None:
                if len(words) < 2:
                    return None
                child = section.children.get((kind, words.pop(0)))
            if child is None:
                return None
            section = child
        return section, words[0]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is set in it or below."""
        return not self.values and all(child.is_empty for child in self.children.values())


def merged(general: Section, specific: Section) -> Section:
    """Both sections as one: the specific one's values win, and its unnamed blocks come first."""
    result = Section(general.section, general.name, general.file, general.line)
    result.values = general.values | specific.values
    for key, child in specific.children.items():
        base = general.children.get(key)
        result.children[key] = child if base is None else merged(base, child)
    for key, child in general.children.items():
        result.children.setdefault(key, child)
    return result
