"""The MOVE command (RFC 6851) and its UID form."""

from culver_plugins.imap.wire.copy import Copy


class Move(Copy, frozen=True):
    """Move messages; the arguments are those of COPY."""
