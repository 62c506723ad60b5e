"""The AUTHENTICATE command (RFC 3501 6.2.2) with an initial response (RFC 4959)."""

import binascii
import re
from typing import Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer

_MECHANISM = re.compile(rb"[A-Za-z0-9_-]{1,64}+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=]++")


class Authenticate(Command, frozen=True):
    """Log in by a SASL mechanism; the initial response never prints.

    `mechanism` is upper case. `initial` is decoded; empty (`=` on the wire) is not None (absent).
    """

    mechanism: str
    initial: bytes | None = None

    def __repr__(self) -> str:
        secret = None if self.initial is None else "<secret>"
        return f"Authenticate(mechanism={self.mechanism!r}, initial={secret})"

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP auth-type [SP (base64 / "=")]`."""
        lexer.sp()
        mechanism = lexer.take(_MECHANISM, "mechanism").upper().decode("ascii")
        if not lexer.opt_sp():
            return cls(mechanism)
        data = decode_response(lexer.take(_BASE64, "base64"))
        if data is None:
            lexer.fail("base64", "another text")
        return cls(mechanism, data)


def decode_response(line: bytes) -> bytes | None:
    """Decode what a client sends in a SASL exchange; None when it is not base64."""
    if line == b"=":
        return b""
    try:
        return binascii.a2b_base64(line, strict_mode=True)
    except binascii.Error:
        return None
