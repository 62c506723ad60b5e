"""Dovecot 2.3's `%` variables: `%u`, `%{user}`, `%Lu`, `%2.256Nu`, `%{sha256;rounds=5:user}`.

A template is compiled once to a list of closures and expanded many times:

    HOME = Template("/srv/%d/%2.256Nn/%n")
    HOME.expand(user_variables("bob@example.org"))

`%[offset.][0]width` and up to ten letters of L U E X R H N M D T may stand before the variable.
Widths and offsets count octets of UTF-8, as 2.3 counts bytes.
"""

import os
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, Self, TypeAlias

from culver.config.modifiers import MODIFIERS, Shape, cut

# Looks up what stands behind the colon of `%{name:argument}`; None is an empty value.
Function: TypeAlias = Callable[[str], str | None]
Values: TypeAlias = Mapping[str, str | None]

_MAX_MODIFIERS: Final = 10
_NO_FUNCTIONS: Final[Mapping[str, Function]] = {}

# The letters of the login, auth and mail contexts. A context with other letters (pop3_uidl_format,
# deliver_log_format) puts those letters into its values, which come first.
LETTERS: Final[Mapping[str, str]] = {
    "u": "user",
    "n": "username",
    "d": "domain",
    "s": "service",
    "h": "home",
    "l": "lip",
    "r": "rip",
    "p": "pid",
    "w": "password",
    "a": "lport",
    "b": "rport",
    "c": "secured",
    "k": "cert",
    "m": "mech",
    "i": "uid",
}

# Both names of a thing: whichever a context gives, the other is found too.
_ALIASES: Final[Mapping[str, str]] = {
    "lip": "local_ip",
    "rip": "remote_ip",
    "lport": "local_port",
    "rport": "remote_port",
    "mech": "mechanism",
    "real_lip": "real_local_ip",
    "real_rip": "real_remote_ip",
    "real_lport": "real_local_port",
    "real_rport": "real_remote_port",
    "orig_user": "original_user",
    "orig_username": "original_username",
    "orig_domain": "original_domain",
    "local_ip": "lip",
    "remote_ip": "rip",
    "local_port": "lport",
    "remote_port": "rport",
    "mechanism": "mech",
    "real_local_ip": "real_lip",
    "real_remote_ip": "real_rip",
    "real_local_port": "real_lport",
    "real_remote_port": "real_rport",
    "original_user": "orig_user",
    "original_username": "orig_username",
    "original_domain": "orig_domain",
}


class VariableError(ValueError):
    """An expansion failed: a bad argument, or a function that could not be carried out."""


class UnknownVariableError(VariableError):
    """A variable is not known in this context; its text is `UNSUPPORTED_VARIABLE_name`."""


class Expansion(NamedTuple):
    """The text of an expansion, and the first error in it or None."""

    text: str
    error: VariableError | None


class Context:
    """What one expansion looks variables up in, and the first error it met."""

    __slots__ = ("error", "functions", "values")

    def __init__(self, values: Values, functions: Mapping[str, Function]) -> None:
        """Take the variables by name (long names and letters) and the functions by name."""
        self.values = values
        self.functions = functions
        self.error: VariableError | None = None

    def note(self, error: VariableError) -> None:
        """Keep the first error."""
        if self.error is None:
            self.error = error


Piece: TypeAlias = Callable[[Context], str]


class Template:
    """A compiled text with `%` variables."""

    __slots__ = ("_pieces", "source")

    def __init__(self, source: str) -> None:
        """Compile; never fails, for an unknown variable is only found when it is expanded."""
        self.source = source
        self._pieces = _compile(source)

    def try_expand(
        self, values: Values, functions: Mapping[str, Function] = _NO_FUNCTIONS
    ) -> Expansion:
        """Expand; an unknown variable becomes `UNSUPPORTED_VARIABLE_name`, as in 2.3."""
        context = Context(values, functions)
        text = self.expand_in(context)
        return Expansion(text, context.error)

    def expand_in(self, context: Context) -> str:
        """Expand within an expansion that is under way."""
        return "".join([p if isinstance(p, str) else p(context) for p in self._pieces])

    def expand(
        self,
        values: Values,
        functions: Mapping[str, Function] = _NO_FUNCTIONS,
        on_error: Callable[[VariableError], object] | None = None,
    ) -> str:
        """Expand and tell `on_error` of the first error. Without `on_error` it is raised."""
        text, error = self.try_expand(values, functions)
        if error is not None:
            if on_error is None:
                raise error
            on_error(error)
        return text

    def __repr__(self) -> str:
        """The call that makes it."""
        return f"Template({self.source!r})"


@lru_cache(maxsize=4096)
def template(source: str) -> Template:
    """The compiled form of a text, kept."""
    return Template(source)


class TemplateString(str):
    """A setting whose `%` variables are expanded at each use."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take the text; never fails."""
        return cls(text)

    def to_text(self) -> str:
        """The text before expansion."""
        return str(self)

    @property
    def template(self) -> Template:
        """The compiled template, kept per text."""
        return template(str(self))


def user_variables(user: str, **more: str | None) -> dict[str, str | None]:
    """Variables of a user: user, username, domain, domain_first, domain_last, and `more`."""
    username, _, domain = user.partition("@")
    return {
        "user": user,
        "username": username,
        "domain": domain,
        "domain_first": domain.partition("@")[0],
        "domain_last": user.rpartition("@")[2] if "@" in user else "",
        **more,
    }


def escape(text: str) -> str:
    """Double each percent sign, so that an expansion gives the text back."""
    return text.replace("%", "%%")


# --- compiling ---------------------------------------------------------------------------------

_VARIABLE: Final = re.compile(
    r"%(?P<first>-?0?[0-9]*)(?P<dot>\.(?P<second>0?-?[0-9]*))?(?P<letters>[LUEXRHNMDT]{0,10})"
)


def _compile(source: str) -> Sequence[str | Piece]:
    pieces: list[str | Piece] = []
    position = 0
    while match := _VARIABLE.search(source, position):
        if match.start() > position:
            pieces.append(source[position : match.start()])
        if match.end() == len(source):
            return pieces  # 2.3 drops a "%" (and modifiers) with nothing behind it
        piece, position = _compile_variable(source, match)
        pieces.append(piece)
    if position < len(source):
        pieces.append(source[position:])
    return pieces


def _compile_variable(source: str, match: re.Match[str]) -> tuple[Piece, int]:
    start = match.end()
    if source[start] == "{" and "}" in source[start:]:
        end = _end_of_name(source, start)
        lookup, after = compile_name(source[start + 1 : end]), end + 1
    else:
        lookup, after = _compile_letter(source[start]), start + 1
    shape, letters = _shape(match), match["letters"]
    if not letters and shape.is_plain:
        return lambda context: _failsafe(lookup, context), after
    steps = [MODIFIERS[letter] for letter in letters]

    def piece(context: Context) -> str:
        try:
            text, state = lookup(context), shape
        except VariableError as error:
            return _failed(error, context)
        for step in steps:
            text, state = step(text, state)
        return cut(text, state)

    return piece, after


def _failsafe(lookup: Piece, context: Context) -> str:
    try:
        return lookup(context)
    except VariableError as error:
        return _failed(error, context)


def _failed(error: VariableError, context: Context) -> str:
    """The text in the place of a variable that failed: modifiers do not touch it."""
    context.note(error)
    return str(error.args[1]) if isinstance(error, UnknownVariableError) else ""


def _shape(match: re.Match[str]) -> Shape:
    """Offset, width and padding: `[offset.]width`, a leading 0 of the width pads with zeros."""
    first, second = match["first"], match["second"]
    if match["dot"] is None:
        # A "-" before a width without an offset has no meaning in 2.3 and is dropped.
        digits = first.removeprefix("-")
        return Shape(0, int(digits or 0), digits.startswith("0"))
    offset = int(first) if first.strip("-") else 0
    # After the first 0 a "-" may follow: "%0.0-2u".
    width = second.removeprefix("0")
    return Shape(offset, int(width) if width.strip("-") else 0, second.startswith("0"))


def _end_of_name(source: str, start: int) -> int:
    """Where the `}` is that belongs to the `{` at `start`; the end of the text if there is none."""
    depth, position = 0, start
    while position < len(source):
        char = source[position]
        if char == "\\" and position > start:
            position += 1
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return len(source)


def _compile_letter(letter: str) -> Piece:
    name = LETTERS.get(letter)

    def lookup(context: Context) -> str:
        values = context.values
        if letter in values:
            return values[letter] or ""
        if name is not None:
            found = _find(name, values)
            if found is not None:
                return found
        if letter == "%":
            return "%"
        raise _unknown(letter)

    return lookup


def _find(name: str, values: Values) -> str | None:
    """The value of a long name or of its alias; None if there is neither."""
    if name in values:
        return values[name] or ""
    alias = _ALIASES.get(name)
    return (values[alias] or "") if alias is not None and alias in values else None


def _unknown(name: str) -> UnknownVariableError:
    return UnknownVariableError(f"Unknown variable '%{name}'", f"UNSUPPORTED_VARIABLE_{name}")


def compile_name(name: str) -> Piece:
    """The lookup of a long name: a value, a built-in variable, or a function of `name:argument`."""
    head, _, argument = name.partition(":")
    function = _extension(name, head, argument)
    builtin = _BUILTINS.get(name)

    def lookup(context: Context) -> str:
        found = _find(name, context.values)
        if found is not None:
            return found
        if builtin is not None:
            return builtin()
        if function is not None:
            return function(context)
        own = context.functions.get(head)
        if own is None:
            raise _unknown(head)
        return own(argument) or ""

    return lookup


def _extension(name: str, head: str, argument: str) -> Piece | None:
    """A function of 2.3 itself, compiled with its arguments; None if there is none of the name."""
    from culver.config.functions import conditional, crypt, hashes  # they compile names themselves

    word, _, arguments = head.partition(";")
    if head == "env":
        return lambda _: os.environ.get(argument, "")
    if word in hashes.METHODS:
        return hashes.compile_hash(word, arguments, argument)
    word = word.lower()  # 2.3 finds these in any case, and the hashes only in lower case
    if word == "if":
        return conditional.compile_if(name)
    if word in ("encrypt", "decrypt"):
        return crypt.compile_crypt(word, arguments, argument)
    return None


def _hostname() -> str:
    return os.environ.get("DOVECOT_HOSTNAME") or socket.gethostname()


_BUILTINS: Final[Mapping[str, Callable[[], str]]] = {
    "pid": lambda: str(os.getpid()),
    "uid": lambda: str(os.geteuid()),
    "gid": lambda: str(os.getegid()),
    "hostname": _hostname,
}
