"""Read, check and hand over a configuration."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from culver.config.check import Checker
from culver.config.config import Config
from culver.config.errors import ConfigErrors
from culver.config.parser import Parser, resolve_host
from culver.config.schema import Declarations
from culver.config.vocabulary import Vocabulary

# Exit code of a program that cannot use its configuration, as Dovecot's.
EXIT_FATAL_CONFIG: Final = 89

_ONE_LINE: Final = re.compile(r"[ \t]*([^\n{}#]*\{)[ \t]+([^\n#]*?)[ \t]*\}[ \t]*$", re.MULTILINE)


def load(
    path: str | None,
    declarations: Declarations,
    overrides: Mapping[str, str] | None = None,
    *,
    expand: bool = True,
    resolve: Callable[[str], str] = resolve_host,
) -> Config:
    """Read a file and what it includes; None reads nothing, so that all is default.

    `overrides` are settings by path, over the file's (as `-o` gives them). Without `expand`,
    `</path` values are not read and `$name` is left, which is what `culver config` shows.
    `resolve` turns the name of a host in a filter into an address, or raises `OSError`.
    Raises `ConfigErrors` with all errors at once; remarks are in `Config.warnings`.
    """
    vocabulary = Vocabulary(declarations)
    parser = Parser(vocabulary, resolve)
    if path is not None:
        parser.read(path)
    return _finish(parser, vocabulary, path or "<defaults>", overrides, expand)


def loads(
    text: str,
    declarations: Declarations,
    overrides: Mapping[str, str] | None = None,
    *,
    file: str = "<text>",
    one_line: bool = False,
    resolve: Callable[[str], str] = resolve_host,
) -> Config:
    """Read a configuration that is in memory; like `load`.

    With `one_line` a section may be on one line, `plugin { cap_size = 1k }`, which is for tests:
    the language wants three.
    """
    vocabulary = Vocabulary(declarations)
    parser = Parser(vocabulary, resolve)
    parser.read_text(unfold(text) if one_line else text, file)
    return _finish(parser, vocabulary, file, overrides, expand=True)


def unfold(text: str) -> str:
    """Write each section that is on one line on several; settings in it are parted by `;`."""
    before = None
    while before != text:
        before, text = text, _ONE_LINE.sub(_unfolded, text)
    return text


def _unfolded(match: re.Match[str]) -> str:
    inner = match[2]
    lines = [inner] if "{" in inner else [part.strip() for part in inner.split(";")]
    return "\n".join([match[1], *lines, "}"])


def _finish(
    parser: Parser,
    vocabulary: Vocabulary,
    path: str,
    overrides: Mapping[str, str] | None,
    expand: bool,
) -> Config:
    for name, text in (overrides or {}).items():
        parser.override(name, text, "command line")
    checker = Checker(vocabulary, read_files=expand)
    checker.check(parser.layers)
    errors = list(dict.fromkeys([*parser.errors, *checker.errors]))
    if errors:
        raise ConfigErrors(errors)
    warnings = [*parser.warnings, *checker.warnings]
    return Config(parser.layers, vocabulary.declarations, path, warnings)
