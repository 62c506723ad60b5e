"""From files to layers of sections: includes, nesting, filters, `$names`. No meanings yet."""

import glob
import os
import re
import socket
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

from culver.config.errors import ConfigError, ConfigWarning
from culver.config.filters import FILTERS, Filter, Layer, nested
from culver.config.language import Line, Op, scan
from culver.config.section import Section, Value

# The deepest nesting of files; a loop by name is found sooner, one through links is not.
MAX_INCLUDE_DEPTH: Final = 32

_BRACES: Final = re.compile(r"\{([^{}]*)\}")


class Names(Protocol):
    """What the parser has to know of the settings."""

    @property
    def strmaps(self) -> frozenset[str]:
        """Sections of free keys, which are one however often they are written."""
        ...

    def default_text(self, name: str) -> str | None:
        """The default of a setting, for `$name`; None if it is unknown."""
        ...

    def rewrite(self, key: str, value: str, inside: str) -> "Rewritten | None":
        """What an obsolete line means today; None if the line is not obsolete."""
        ...


class Rewritten(NamedTuple):
    """The lines in the place of an obsolete one, and what to tell the admin.

    A key may be a path such as `service/auth/user`. A value that begins with `<` is a file.
    """

    lines: tuple[tuple[str, str], ...]
    warning: str


class _Open(NamedTuple):
    section: Section
    layer: Layer
    line: int
    file: str


def resolve_host(name: str) -> str:
    """The first address of a host. Raises `OSError`."""
    return str(socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)[0][4][0])


class Parser:
    """Reads one configuration. `layers`, `errors` and `warnings` hold what was found."""

    def __init__(self, names: Names, resolve: Callable[[str], str] = resolve_host) -> None:
        """Take the names of the settings, and how the name of a host becomes an address."""
        self.layers = [Layer(Filter(), Section())]
        self.errors: list[ConfigError] = []
        self.warnings: list[ConfigWarning] = []
        self._names = names
        self._strmaps = names.strmaps
        self._resolve = resolve
        self._files: list[str] = []
        self._unnamed = 0
        self._stack: list[_Open] = [_Open(self.layers[0].root, self.layers[0], 0, "")]
        self._in_filters: dict[str, tuple[str, int]] = {}

    def read(self, path: str) -> None:
        """Read a file and what it includes."""
        if self._read_file(path, path, 0) and len(self._stack) > 1:
            top = self._stack[-1]
            self._fail(path, 0, f"Missing '}}' (section started at {top.file}:{top.line})")

    def read_text(self, text: str, file: str) -> None:
        """Read a configuration that is in memory; relative includes are relative to `file`."""
        self._run(text, file)
        if len(self._stack) > 1:
            top = self._stack[-1]
            self._fail(file, 0, f"Missing '}}' (section started at {top.file}:{top.line})")

    def override(self, path: str, text: str, source: str) -> None:
        """Set one setting by its path, over all that was read."""
        found = self.layers[0].root.at(path)
        kind, slash, key = path.partition("/")
        if found is None and slash and kind in self._strmaps:
            section = self.layers[0].root.children.setdefault((kind, ""), Section(kind))
            found = section, key
        if found is None:
            self._fail(source, 0, "Unknown section", setting=path)
            return
        found[0].values[found[1]] = Value(text, text, source, 0)

    # --- files -------------------------------------------------------------------------------

    def _read_file(self, path: str, source: str, line: int) -> bool:
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                text = file.read()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self._fail(source, line, f"Couldn't open file {path}: {reason}")
            return False
        self._run(text, path)
        return True

    def _run(self, text: str, path: str) -> None:
        self._files.append(path)
        stack = self._stack
        strict = self._in_filters
        for line in scan(text):
            op, key, value, number = line
            if op is Op.SET and len(stack) == 1 and key not in strict and "/" not in key:
                if self._rewritten(line, path):
                    continue
                stack[0].section.values[key] = Value(value, value, path, number)
            else:
                self._apply(line, path)
        self._files.pop()

    def _apply(self, line: Line, path: str) -> None:
        match line.op:
            case Op.SET | Op.FILE | Op.VARIABLE:
                if not self._rewritten(line, path):
                    self._set(line, path)
            case Op.OPEN:
                self._open(line, path)
            case Op.CLOSE:
                self._close(line, path)
            case Op.INCLUDE | Op.INCLUDE_TRY:
                self._include(line, path)
            case Op.WARNING:
                self._warn(path, line.number, line.value)
            case Op.ERROR:
                self._fail(path, line.number, line.value, setting=line.key)

    def _include(self, line: Line, path: str) -> None:
        optional = line.op is Op.INCLUDE_TRY
        found = sorted(set(_globbed(relative(line.value, path))))
        if not found and not optional:
            self._fail(path, line.number, "No matches", setting="!include", found=line.value)
        for name in found:
            if name in self._files or len(self._files) >= MAX_INCLUDE_DEPTH:
                self._fail(path, line.number, f"Recursive include file: {name}")
            elif not optional or os.access(name, os.R_OK):
                self._read_file(name, path, line.number)

    # --- sections ----------------------------------------------------------------------------

    def _open(self, line: Line, path: str) -> None:
        top = self._stack[-1]
        if line.key in FILTERS and top.section is top.layer.root:
            layer = self._filter(line, path, top.layer)
            self._stack.append(_Open(layer.root, layer, line.number, path))
            return
        name = line.value
        if not name and line.key not in self._strmaps:
            self._unnamed += 1
            key = (line.key, f"\0{self._unnamed:09}")
        else:
            key = (line.key, "" if line.key in self._strmaps else name)
        section = top.section.children.get(key)
        if section is None:
            section = Section(line.key, name, path, line.number)
            top.section.children[key] = section
        self._stack.append(_Open(section, top.layer, line.number, path))

    def _filter(self, line: Line, path: str, outer: Layer) -> Layer:
        condition, problem = nested(outer.filter, line.key, line.value, self._resolve)
        if problem:
            self._fail(path, line.number, problem, setting=line.key, found=line.value)
            return Layer(outer.filter, Section())
        for layer in self.layers:
            if layer.filter == condition:
                return layer
        layer = Layer(condition, Section(file=path, line=line.number))
        self.layers.append(layer)
        return layer

    def _close(self, line: Line, path: str) -> None:
        if len(self._stack) == 1:
            self._fail(path, line.number, "Unexpected '}'")
        else:
            self._stack.pop()

    # --- values ------------------------------------------------------------------------------

    def _rewritten(self, line: Line, path: str) -> bool:
        """Put today's lines in the place of an obsolete one."""
        inside = self._stack[-1].section.section
        found = self._names.rewrite(line.key, line.value, inside)
        if found is None:
            return False
        if found.warning:
            self._warn(path, line.number, f"Obsolete setting: {found.warning}", line.key)
        for key, text in found.lines:
            op = Op.FILE if text.startswith("<") else Op.SET
            self._set(Line(op, key, text.removeprefix("<"), line.number), path)
        return True

    def _set(self, line: Line, path: str) -> None:
        section, layer = self._stack[-1][:2]
        key, text, raw, file = line.key, line.value, line.value, None
        if "/" in key and section.section not in self._strmaps:
            section, key = self._path(section, key)
        self._watch(section, layer, key, line, path)
        if line.op is Op.FILE:
            file, raw = relative(text, path), f"<{text}"
        elif line.op is Op.VARIABLE:
            text = self._expanded(key, text, layer, path, line.number, everything=True)
            raw = self._expanded(key, raw, layer, path, line.number, everything=False)
        section.values[key] = Value(text, raw, path, line.number, file)

    def _path(self, section: Section, key: str) -> tuple[Section, str]:
        """The section that a path of an obsolete line means, made if it is not there."""
        *parents, name = key.split("/")
        while parents:
            kind = parents.pop(0)
            own = "" if kind in self._strmaps or not parents else parents.pop(0)
            section = section.children.setdefault((kind, own), Section(kind, own))
        return section, name

    def _watch(self, section: Section, layer: Layer, key: str, line: Line, path: str) -> None:
        """Warn of a global value that an earlier filter has taken the old one of."""
        if section is not layer.root:
            return
        if layer is not self.layers[0]:
            self._in_filters.setdefault(key, (path, line.number))
        elif key in self._in_filters:
            file, number = self._in_filters[key]
            self._warn(
                path,
                line.number,
                f"Global setting {key} won't change the setting inside an earlier filter at "
                f"{file} line {number} (if this is intentional, avoid this warning by moving "
                f"the global setting before {file} line {number})",
                key,
            )

    def _expanded(
        self, key: str, text: str, layer: Layer, path: str, line: int, *, everything: bool
    ) -> str:
        """Put values in the place of `$name` words; without `everything` only the own name's."""
        words: list[str] = []
        for word in re.split(r"[ \t]+", text):
            name = word[1:]
            if word[:1] != "$" or not (everything or name == key):
                words.append(word)
                continue
            found = self._value_of(name, layer, own=name == key)
            if found is None:
                self._fail(path, line, f"Unknown variable: ${name}", setting=key, found=text)
                return ""
            words.append(found)
        return " ".join(words)

    def _value_of(self, name: str, layer: Layer, *, own: bool) -> str | None:
        if name.startswith("ENV:"):
            return os.environ.get(name[4:], "")
        value = layer.root.values.get(name)
        if value is None and own and layer is not self.layers[0]:
            # Only `key = $key more` looks outside the filter; for any other name 2.3 takes the
            # default (tried with doveconf -x).
            value = self._outer_value(name, layer)
        if value is not None:
            return value.text if value.path is None else f"<{value.text}"
        return self._names.default_text(name)

    def _outer_value(self, name: str, layer: Layer) -> Value | None:
        """The value that the filters around this one give a setting."""
        around = [o for o in self.layers if o is not layer and o.filter.is_within(layer.filter)]
        around = [o for o in around if _encloses(o.filter, layer.filter)]
        for outer in sorted(around, key=lambda one: one.filter.specificity, reverse=True):
            if name in outer.root.values:
                return outer.root.values[name]
        return None

    # --- reports -----------------------------------------------------------------------------

    def _fail(
        self, file: str, line: int, text: str, setting: str = "", found: str | None = None
    ) -> None:
        self.errors.append(ConfigError(text, file, line, setting, found))

    def _warn(self, file: str, line: int, text: str, setting: str = "") -> None:
        self.warnings.append(ConfigWarning(text, file, line, setting))


def _encloses(outer: Filter, inner: Filter) -> bool:
    """Whether each condition of `outer` is one of `inner` too."""
    return all(
        condition is None or condition == getattr(inner, name)
        for name in ("protocol", "local_name", "local", "remote")
        for condition in (getattr(outer, name),)
    )


def relative(name: str, path: str) -> str:
    """A file name as seen from the file that names it."""
    return name if name.startswith("/") else os.path.join(os.path.dirname(path), name)


def _globbed(pattern: str) -> Iterator[str]:
    """The files of a pattern, with `{a,b}` as 2.3 has it."""
    braces = _BRACES.search(pattern)
    if not braces:
        yield from glob.iglob(pattern)
        return
    for choice in braces[1].split(","):
        yield from _globbed(pattern[: braces.start()] + choice + pattern[braces.end() :])
