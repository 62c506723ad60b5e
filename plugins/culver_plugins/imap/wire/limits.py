"""How much a client may send. Each limit names its precedent."""

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """Limits of one connection; sizes are in octets."""

    line_before_login: int = 8192
    """One command before login (Dovecot's IMAP_LOGIN_MAX_LINE_LENGTH)."""

    line: int = 65536
    """One command after login, with its literals (imap_max_line_length, R5-034)."""

    message: int | None = None
    """The largest message of an APPEND; None for no limit (quota_max_mail_size)."""

    collect: int = 65536
    """Messages of one APPEND up to this sum are collected in memory; the others are streamed."""

    messages: int = 16384
    """Messages in one APPEND (RFC 3502 names no limit; each costs memory)."""

    literal_minus: bool = False
    """Announce LITERAL-: a client that does not wait may send 4096 octets (RFC 7888 5)."""

    bad_before_login: int = 3
    """Bad commands until BYE, before login (R5-036)."""

    bad_after_login: int = 20
    """Bad commands in a row until BYE, after login (R5-036)."""

    tag: int = 126
    """Octets in a tag (Dovecot's IMAP_TAG_MAX_LEN)."""
