"""The EXAMINE command (RFC 3501 6.3.2)."""

from culver_plugins.imap.wire.select import Select


class Examine(Select, frozen=True):
    """Open a mailbox for reading only; the arguments are those of SELECT."""
