"""What SEARCH asks for, as a tree of small values (RFC 3501 6.4.4).

Texts are decoded from the charset of the command; dates have no zone, as on the wire.
"""

from datetime import date

from msgspec import Struct

from culver_plugins.imap.wire.sequence import Ranges


class Key(Struct, frozen=True):
    """A condition that a message meets or not."""


class All(Key, frozen=True):
    """Met by every message."""


class Nothing(Key, frozen=True):
    """Met by none: NIL, a Dovecot extension."""


class And(Key, frozen=True):
    """Met when all of `keys` are; never fewer than two."""

    keys: tuple[Key, ...]


class Or(Key, frozen=True):
    """Met when either side is."""

    left: Key
    right: Key


class Not(Key, frozen=True):
    """Met when `key` is not."""

    key: Key


class Fuzzy(Key, frozen=True):
    """`key`, matched approximately where an index can (RFC 6203)."""

    key: Key


class EmailId(Key, frozen=True):
    """The message has this EMAILID (RFC 8474 5.3)."""

    identifier: str


class ThreadId(Key, frozen=True):
    """The message has this THREADID (RFC 8474 5.3)."""

    identifier: str


class FlagKey(Key, frozen=True):
    r"""The message has the system flag `bit` of `flags`; NEW and OLD are built of these."""

    bit: int


class KeywordKey(Key, frozen=True):
    """The message has this keyword, in any case of letters."""

    name: str


class SeqSet(Key, frozen=True):
    """The sequence number is in the set, which may hold `*`."""

    ids: Ranges


class UidSet(Key, frozen=True):
    """The UID is in the set, which may hold `*`; or, as `SAVED_RESULT`, in the last result."""

    ids: Ranges


class RealUid(Key, frozen=True):
    """The UID in the mailbox behind a virtual one is in the set (Dovecot's X-REAL-UID)."""

    ids: Ranges


class Before(Key, frozen=True):
    """INTERNALDATE is earlier than the day."""

    day: date


class On(Key, frozen=True):
    """INTERNALDATE is within the day."""

    day: date


class Since(Key, frozen=True):
    """INTERNALDATE is within the day or later."""

    day: date


class SentBefore(Key, frozen=True):
    """The Date field is earlier than the day, its zone disregarded."""

    day: date


class SentOn(Key, frozen=True):
    """The Date field is within the day, its zone disregarded."""

    day: date


class SentSince(Key, frozen=True):
    """The Date field is within the day or later, its zone disregarded."""

    day: date


class SavedBefore(Key, frozen=True):
    """The message came into this mailbox before the day (RFC 8514)."""

    day: date


class SavedOn(Key, frozen=True):
    """The message came into this mailbox within the day."""

    day: date


class SavedSince(Key, frozen=True):
    """The message came into this mailbox within the day or later."""

    day: date


class SaveDateSupported(Key, frozen=True):
    """Met by every message of a mailbox that knows save dates."""


class Larger(Key, frozen=True):
    """RFC822.SIZE is above `octets`."""

    octets: int


class Smaller(Key, frozen=True):
    """RFC822.SIZE is below `octets`."""

    octets: int


class Older(Key, frozen=True):
    """INTERNALDATE is at least `seconds` ago (RFC 5032)."""

    seconds: int


class Younger(Key, frozen=True):
    """INTERNALDATE is at most `seconds` ago (RFC 5032)."""

    seconds: int


class Header(Key, frozen=True):
    """A header field `name` (lower case) contains `value`; with an empty value: it exists."""

    name: str
    value: str


class Body(Key, frozen=True):
    """The body contains `text`."""

    text: str


class Text(Key, frozen=True):
    """The header or the body contains `text`."""

    text: str


class Modseq(Key, frozen=True):
    """The modseq is at least `value` (RFC 7162 3.1.5).

    `entry` and `scope` (`priv`, `shared`, `all`) name one flag's modseq, or are empty.
    """

    value: int
    entry: str = ""
    scope: str = ""


class Guid(Key, frozen=True):
    """The message has this GUID (Dovecot's X-GUID)."""

    guid: str


class InMailbox(Key, frozen=True):
    """The message lives in this mailbox behind a virtual one (Dovecot's X-MAILBOX)."""

    mailbox: str
