"""The LOGIN command (RFC 3501 6.2.3)."""

from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer


class Login(Command, frozen=True):
    """Log in with a user name and a password; the password never prints."""

    user: str
    password: bytes

    def __repr__(self) -> str:
        return f"Login(user={self.user!r}, password=<secret>)"

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP userid SP password`. The user name is UTF-8, the password any octets but NUL."""
        lexer.sp()
        user = lexer.text_value("user name")
        lexer.sp()
        return cls(user, lexer.astring("password"))
