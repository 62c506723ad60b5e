"""The grammar of SEARCH keys (RFC 3501 9 `search-key`): text to `query` tree."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from culver_plugins.imap.wire import query
from culver_plugins.imap.wire.errors import CharsetError
from culver_plugins.imap.wire.flags import ANSWERED, DELETED, DRAFT, FLAGGED, RECENT, SEEN
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.query import FlagKey, Key, Not

_CHARSETS: Final = {"UTF-8": "utf-8", "UTF8": "utf-8", "US-ASCII": "ascii", "ASCII": "ascii"}
_NUMERIC: Final = re.compile(rb"[0-9*$]")
_OBJECT_ID: Final = re.compile(rb"[A-Za-z0-9_-]{1,255}+")
_ENTRY: Final = re.compile(rb"/flags/(\\?[^\x00-\x20(){%*\"\\\x7f-\xff]++)", re.IGNORECASE)


class KeyReader:
    """Reads search keys from a lexer, decoding their texts."""

    __slots__ = ("_charset", "lexer")

    def __init__(self, lexer: Lexer, charset: str = "UTF-8") -> None:
        """Take a charset's name; raises CharsetError when texts in it can't be read."""
        codec = _CHARSETS.get(charset.upper())
        if codec is None:
            raise CharsetError("charset", "another", lexer.position)
        self.lexer = lexer
        self._charset = codec

    def program(self) -> Key:
        """Read `search-key *(SP search-key)`, all of which must be met."""
        keys = [self.key()]
        while self.lexer.opt_sp():
            keys.append(self.key())
        return _all_of(keys)

    def key(self) -> Key:
        """Read one `search-key`."""
        lexer = self.lexer
        if lexer.next_is(b"("):
            return _all_of(lexer.list_of(self.key, empty=False))
        if _NUMERIC.match(lexer.text, lexer.position):
            ids = lexer.sequence_set()
            return query.UidSet(ids) if ids == ((0, 0),) else query.SeqSet(ids)
        return self._named()

    def _named(self) -> Key:
        lexer = self.lexer
        start = lexer.position
        name = lexer.keyword("search key")
        if (fixed := _FIXED.get(name)) is not None:
            return fixed
        reader = _READERS.get(name)
        if reader is None:
            lexer.position = start
            lexer.fail("search key", name[:32])
        lexer.sp()
        return reader(self)

    def nested(self) -> Key:
        """Read the key behind NOT, OR and FUZZY, one level deeper."""
        self.lexer.enter()
        key = self.key()
        self.lexer.leave()
        return key

    def text(self) -> str:
        """Read an astring in the command's charset."""
        start = self.lexer.position
        octets = self.lexer.astring("search text")
        try:
            return octets.decode(self._charset)
        except UnicodeDecodeError as error:
            # RFC 3501 names no answer for octets outside the announced charset.
            self.lexer.position = start
            raise CharsetError("text in the charset", "other octets", start) from error


def _all_of(keys: list[Key]) -> Key:
    return keys[0] if len(keys) == 1 else query.And(tuple(keys))


def _not(reader: KeyReader) -> Key:
    return Not(reader.nested())


def _or(reader: KeyReader) -> Key:
    left = reader.nested()
    reader.lexer.sp()
    return query.Or(left, reader.nested())


def _fuzzy(reader: KeyReader) -> Key:
    return query.Fuzzy(reader.nested())


def _uid(reader: KeyReader) -> Key:
    return query.UidSet(reader.lexer.sequence_set())


def _real_uid(reader: KeyReader) -> Key:
    return query.RealUid(reader.lexer.sequence_set())


def _keyword(reader: KeyReader) -> Key:
    return query.KeywordKey(reader.lexer.flag_keyword())


def _unkeyword(reader: KeyReader) -> Key:
    return Not(_keyword(reader))


def _day(key: Callable[..., Key], reader: KeyReader) -> Key:
    return key(reader.lexer.date())


def _size(key: Callable[..., Key], reader: KeyReader) -> Key:
    # RFC 3501 says 32 bits; a store may hold larger mails, and Dovecot reads 64.
    return key(reader.lexer.number64("size in octets"))


def _interval(key: Callable[..., Key], reader: KeyReader) -> Key:
    return key(reader.lexer.nz_number("seconds above 0"))


def _field(name: str, reader: KeyReader) -> Key:
    return query.Header(name, reader.text())


def _header(reader: KeyReader) -> Key:
    name = reader.text().lower()
    reader.lexer.sp()
    return query.Header(name, reader.text())


def _text(key: Callable[..., Key], reader: KeyReader) -> Key:
    return key(reader.text())


def _object_id(key: Callable[..., Key], reader: KeyReader) -> Key:
    return key(reader.lexer.take(_OBJECT_ID, "object identifier").decode("ascii"))


def _in_mailbox(reader: KeyReader) -> Key:
    return query.InMailbox(reader.lexer.mailbox())


def _modseq(reader: KeyReader) -> Key:
    lexer = reader.lexer
    if not lexer.next_is(b'"'):
        return query.Modseq(lexer.number64("modseq"))
    entry = _ENTRY.fullmatch(lexer.string("entry name").replace(b"\\\\", b"\\"))
    if entry is None:
        lexer.fail("entry such as /flags/\\\\Seen", "another")
    lexer.sp()
    scope = lexer.keyword("priv, shared or all").lower()
    if scope not in ("priv", "shared", "all"):
        lexer.fail("priv, shared or all", "another")
    lexer.sp()
    return query.Modseq(lexer.number64("modseq"), entry[1].decode("ascii"), scope)


def _flag_keys() -> dict[str, Key]:
    bits = {"ANSWERED": ANSWERED, "DELETED": DELETED, "DRAFT": DRAFT, "FLAGGED": FLAGGED,
            "SEEN": SEEN}  # fmt: skip
    keys: dict[str, Key] = {name: FlagKey(bit) for name, bit in bits.items()}
    keys |= {f"UN{name}": Not(FlagKey(bit)) for name, bit in bits.items()}
    return keys


_FIXED: Final[dict[str, Key]] = _flag_keys() | {
    "ALL": query.All(),
    "NEW": query.And((FlagKey(RECENT), Not(FlagKey(SEEN)))),
    "NIL": query.Nothing(),
    "OLD": Not(FlagKey(RECENT)),
    "RECENT": FlagKey(RECENT),
    "SAVEDATESUPPORTED": query.SaveDateSupported(),
}

_READERS: Final[dict[str, Callable[[KeyReader], Key]]] = {
    "BCC": partial(_field, "bcc"),
    "BEFORE": partial(_day, query.Before),
    "BODY": partial(_text, query.Body),
    "CC": partial(_field, "cc"),
    "EMAILID": partial(_object_id, query.EmailId),
    "FROM": partial(_field, "from"),
    "FUZZY": _fuzzy,
    "HEADER": _header,
    "KEYWORD": _keyword,
    "LARGER": partial(_size, query.Larger),
    "MODSEQ": _modseq,
    "NOT": _not,
    "OLDER": partial(_interval, query.Older),
    "ON": partial(_day, query.On),
    "OR": _or,
    "SAVEDBEFORE": partial(_day, query.SavedBefore),
    "SAVEDON": partial(_day, query.SavedOn),
    "SAVEDSINCE": partial(_day, query.SavedSince),
    "SENTBEFORE": partial(_day, query.SentBefore),
    "SENTON": partial(_day, query.SentOn),
    "SENTSINCE": partial(_day, query.SentSince),
    "SINCE": partial(_day, query.Since),
    "SMALLER": partial(_size, query.Smaller),
    "SUBJECT": partial(_field, "subject"),
    "TEXT": partial(_text, query.Text),
    "THREADID": partial(_object_id, query.ThreadId),
    "TO": partial(_field, "to"),
    "UID": _uid,
    "UNKEYWORD": _unkeyword,
    "X-GUID": partial(_text, query.Guid),
    "X-MAILBOX": _in_mailbox,
    "X-REAL-UID": _real_uid,
    "X-SAVEDBEFORE": partial(_day, query.SavedBefore),
    "X-SAVEDON": partial(_day, query.SavedOn),
    "X-SAVEDSINCE": partial(_day, query.SavedSince),
    "YOUNGER": partial(_interval, query.Younger),
}
