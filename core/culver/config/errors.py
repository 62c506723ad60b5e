"""What is wrong in a configuration: where, which setting, what was found, what is allowed."""

from collections.abc import Sequence

from msgspec import Struct


class ConfigError(Struct, frozen=True):
    """One fault of a configuration.

    `file` and `line` (1-based; 0 = no line, as in an override) say where, `setting` which one
    (empty for a fault of syntax), `found` what is written there and `allowed` what may be.
    """

    message: str
    file: str = ""
    line: int = 0
    setting: str = ""
    found: str | None = None
    allowed: str = ""

    @property
    def where(self) -> str:
        """`FILE line N`, `FILE`, or empty, as Dovecot writes it."""
        return f"{self.file} line {self.line}" if self.line else self.file

    def __str__(self) -> str:
        """The whole fault on one line."""
        parts = [self.where] if self.file else []
        parts += [self.setting] if self.setting else []
        text = ": ".join([*parts, self.message])
        return f"{text} (allowed: {self.allowed})" if self.allowed else text


class ConfigWarning(ConfigError, frozen=True):
    """A remark on a configuration that does not keep the server from starting."""


class ConfigErrors(Exception):
    """A configuration cannot be used. `errors` holds every fault found, as the files have them."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        """Take at least one error."""
        super().__init__(errors)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        """One line per fault."""
        return "\n".join(map(str, self.errors))
