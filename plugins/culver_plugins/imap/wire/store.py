"""The STORE command (RFC 3501 6.4.6) with UNCHANGEDSINCE (RFC 7162 3.1.3)."""

import re
from typing import Final, Literal, Self

from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.flags import FlagList
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.sequence import Ranges

Mode = Literal["replace", "add", "remove"]

_ACTION: Final = re.compile(rb"[+-]?(?i:FLAGS(?:\.SILENT)?)")
_MODES: Final[dict[int, Mode]] = {0x2B: "add", 0x2D: "remove"}


class Store(Command, frozen=True):
    """Change flags; `ids` are UIDs when `uid` is set.

    `silent`: the client does not want the new flags back. `unchanged_since` is the modseq above
    which a message is left alone and reported in MODIFIED.
    """

    ids: Ranges
    mode: Mode
    flags: FlagList
    silent: bool = False
    unchanged_since: int | None = None
    uid: bool = False

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP sequence-set [SP modifiers] SP ["+" / "-"] "FLAGS" [".SILENT"] SP flags`."""
        return cls._parse(lexer, uid=False)

    @classmethod
    def parse_uid(cls, lexer: Lexer) -> Self:
        """Read the same behind UID."""
        return cls._parse(lexer, uid=True)

    @classmethod
    def _parse(cls, lexer: Lexer, *, uid: bool) -> Self:
        lexer.sp()
        ids = lexer.sequence_set()
        lexer.sp()
        since = None
        if lexer.next_is(b"("):
            since = lexer.list_of(lambda: _unchanged_since(lexer), empty=False)[-1]
            lexer.sp()
        action = lexer.take(_ACTION, "FLAGS, +FLAGS or -FLAGS")
        lexer.sp()
        mode = _MODES.get(action[0], "replace")
        return cls(ids, mode, lexer.flags(), len(action) > 6, since, uid)


def _unchanged_since(lexer: Lexer) -> int:
    if lexer.keyword("UNCHANGEDSINCE") != "UNCHANGEDSINCE":
        lexer.fail("UNCHANGEDSINCE", "another modifier")
    lexer.sp()
    return lexer.number64("modseq")
