"""The ID command (RFC 2971)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer

# RFC 2971 3.3: at most 30 fields, names of 30 octets, values of 1024.
_MAX_FIELDS = 30
_MAX_NAME = 30
_MAX_VALUE = 1024


class Id(Command, frozen=True):
    """What the client says it is: names in lower case, in its order; None where it said NIL."""

    fields: tuple[tuple[str, str | None], ...] | None

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP ("(" [string SP nstring *(SP string SP nstring)] ")" / nil)`.

        More or longer fields than RFC 2971 allows are an error, octets outside UTF-8 are replaced.
        """
        lexer.sp()
        if lexer.nil():
            return cls(None)
        fields = lexer.list_of(lambda: _field(lexer))
        if len(fields) > _MAX_FIELDS:
            lexer.fail(f"at most {_MAX_FIELDS} fields", "more")
        return cls(tuple(fields))


def _field(lexer: Lexer) -> tuple[str, str | None]:
    name = lexer.string("field name")
    lexer.sp()
    value = lexer.nstring("field value")
    if len(name) > _MAX_NAME or len(value or b"") > _MAX_VALUE:
        lexer.fail(f"names to {_MAX_NAME} and values to {_MAX_VALUE} octets", "more")
    return _text(name).lower(), None if value is None else _text(value)


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
