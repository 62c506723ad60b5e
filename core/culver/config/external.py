"""The files that databases have of their own: dovecot-sql.conf.ext, dovecot-ldap.conf.ext, ...

Their language is the lines and sections of the main one without includes, filters, `$name` and
`</path`: such text is a value like any other.
"""

from pathlib import Path
from typing import Final

from culver.config.errors import ConfigError, ConfigErrors
from culver.config.language import Line, Op, scan
from culver.config.section import Section, Value

_PREFIX: Final = {Op.SET: "", Op.VARIABLE: "", Op.FILE: "<"}


def read_external(path: str) -> Section:
    """Read a `.conf.ext` file. Raises `ConfigErrors`.

    Each section such as `map {}` is a child of its own, in the order of the file:
    `read_external(path).of("map")`.
    """
    try:
        text = Path(path).read_text("utf-8", "surrogateescape")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigErrors([ConfigError(f"Couldn't open file {path}: {reason}")]) from error
    return parse_external(text, path)


def parse_external(text: str, file: str = "<text>") -> Section:
    """Read the contents of a `.conf.ext` file. Raises `ConfigErrors` with all errors."""
    stack = [Section(file=file)]
    errors: list[ConfigError] = []
    for line in scan(text):
        problem = _apply(line, stack, file)
        if problem:
            errors.append(ConfigError(problem, file, line.number, line.key))
    if len(stack) > 1:
        errors.append(ConfigError(f"Missing '}}' (section started at line {stack[-1].line})", file))
    if errors:
        raise ConfigErrors(errors)
    return stack[0]


def _apply(line: Line, stack: list[Section], file: str) -> str:
    """Do what a line says; the answer is what is wrong with it."""
    op, key, text, number = line
    if op in _PREFIX:
        value = _PREFIX[op] + text
        stack[-1].values[key] = Value(value, value, file, number)
    elif op is Op.OPEN:
        section = Section(key, text, file, number)
        stack[-1].children[key, f"{text}\0{number:09}"] = section
        stack.append(section)
    elif op is Op.CLOSE:
        if len(stack) == 1:
            return "Unexpected '}'"
        stack.pop()
    elif op is Op.ERROR:
        return text
    elif op is not Op.WARNING:
        return f"{key} is not allowed in this file"
    return ""
