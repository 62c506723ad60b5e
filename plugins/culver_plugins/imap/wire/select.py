"""The SELECT command (RFC 3501 6.3.1) with CONDSTORE and QRESYNC (RFC 7162 3.1.8, 3.2.5)."""

from typing import Self

from msgspec import Struct

from culver_plugins.imap.wire import sequence
from culver_plugins.imap.wire.command import Command
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.sequence import Ranges


class Qresync(Struct, frozen=True):
    """What the client remembers of the mailbox.

    `known_sequences` and `known_sequence_uids` (the seq-match data) are both set or both None, and
    hold equally many numbers. No set holds `*` or `$`.
    """

    uid_validity: int
    modseq: int
    known_uids: Ranges | None = None
    known_sequences: Ranges | None = None
    known_sequence_uids: Ranges | None = None


class Select(Command, frozen=True):
    """Open a mailbox for reading and writing."""

    mailbox: str
    condstore: bool = False
    qresync: Qresync | None = None

    @classmethod
    def parse(cls, lexer: Lexer) -> Self:
        """Read `SP mailbox [SP "(" select-param *(SP select-param) ")"]`."""
        lexer.sp()
        mailbox = lexer.mailbox()
        if not lexer.opt_sp():
            return cls(mailbox)
        parameters = lexer.list_of(lambda: _parameter(lexer), empty=False)
        qresync = next((each for each in parameters if each is not None), None)
        return cls(mailbox, None in parameters, qresync)


def _parameter(lexer: Lexer) -> Qresync | None:
    name = lexer.keyword("CONDSTORE or QRESYNC")
    if name == "CONDSTORE":
        return None
    if name != "QRESYNC":
        lexer.fail("CONDSTORE or QRESYNC", "another parameter")
    lexer.sp()
    return _qresync(lexer)


def _qresync(lexer: Lexer) -> Qresync:
    lexer.expect(b"(")
    validity = lexer.nz_number("UIDVALIDITY")
    lexer.sp()
    modseq = lexer.number64("MODSEQ")
    uids = numbers = number_uids = None
    if lexer.opt_sp() and not lexer.next_is(b"("):
        uids = _known(lexer)
        lexer.opt_sp()
    if lexer.accept(b"("):
        numbers = _known(lexer)
        lexer.sp()
        number_uids = _known(lexer)
        lexer.expect(b")")
        if sequence.count(numbers) != sequence.count(number_uids):
            lexer.fail("as many UIDs as sequence numbers", "another count")
    lexer.expect(b")")
    return Qresync(validity, modseq, uids, numbers, number_uids)


def _known(lexer: Lexer) -> Ranges:
    # RFC 7162 3.2.5.1: known UIDs are what the client has seen, and it never saw "*".
    ranges = lexer.sequence_set("known UIDs")
    if sequence.has_star(ranges) or ranges == sequence.SAVED_RESULT:
        lexer.fail("known numbers without '*' and '$'", "one of them")
    return ranges
