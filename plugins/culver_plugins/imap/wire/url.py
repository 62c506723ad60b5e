"""IMAP URLs that are relative to the server (RFC 5092 7), with PARTIAL (RFC 5550)."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from culver_plugins.imap.wire.errors import ParseError
from culver_plugins.imap.wire.lexer import Lexer
from culver_plugins.imap.wire.section import Section, section

_URL: Final = re.compile(
    rb"(?:/(?P<mailbox>[^;?#]{1,1000}?)(?:;UIDVALIDITY=(?P<validity>[1-9][0-9]{0,9}))?/?|/)?"
    rb";UID=(?P<uid>[1-9][0-9]{0,9})"
    rb"(?:/?;SECTION=(?P<section>[^;?#]{1,8000}?))?"
    rb"(?:/?;PARTIAL=(?P<first>[0-9]{1,10})(?:\.(?P<size>[1-9][0-9]{0,9}))?)?",
    re.IGNORECASE,
)


class ImapUrl(Struct, frozen=True):
    """A message, or a part of it. Without a mailbox that of the session is meant."""

    uid: int
    mailbox: str | None = None
    uid_validity: int | None = None
    section: Section = Section()
    first: int = 0
    size: int | None = None
    """Octets from `first` on; None for all."""


def parse_url(url: bytes) -> ImapUrl:
    """Return what a URL names. Raises ValueError for every other URL.

    A URL with a server in it is refused too: this server needn't be the one that it names.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("not a URL of a message on this server")
    mailbox, validity, size = found["mailbox"], found["validity"], found["size"]
    try:
        name = None if mailbox is None else unquote_to_bytes(mailbox).decode()
        where = _section(unquote_to_bytes(found["section"] or b""))
    except (UnicodeDecodeError, ParseError) as error:
        raise ValueError("not a URL of a message on this server") from error
    return ImapUrl(
        uid=int(found["uid"]),
        mailbox="INBOX" if name is not None and name.upper() == "INBOX" else name,
        uid_validity=None if validity is None else int(validity),
        section=where,
        first=int(found["first"] or 0),
        size=None if size is None else int(size),
    )


def _section(text: bytes) -> Section:
    lexer = Lexer(b"[%b]" % text)
    found = section(lexer)
    lexer.end()
    return found
