"""What may go wrong while a command is read."""


class ParseError(Exception):
    """The command is not IMAP: it is answered with BAD and counts as a bad command.

    `expected` is the grammar's name for what should have come, `found` a description that never
    holds more than one character or one keyword of the client's text (the text may be a password),
    `position` the octet in the command line, counted from 0.
    """

    status = b"BAD"
    code = b""

    def __init__(self, expected: str, found: str, position: int) -> None:
        super().__init__(expected, found, position)
        self.expected = expected
        self.found = found
        self.position = position

    @property
    def text(self) -> str:
        """One line for the client, without CR or LF."""
        return f"Expected {self.expected}, found {self.found} at {self.position}."

    def __str__(self) -> str:
        return self.text


class Refusal(ParseError):
    """The grammar holds, but a value in it can't be used: answered with NO, not counted."""

    status = b"NO"


class MailboxNameError(Refusal):
    """A mailbox name that is not modified UTF-7 (RFC 3501 5.1.3)."""

    @property
    def text(self) -> str:
        """Dovecot's words, because clients show them to people."""
        return "Mailbox name is not valid mUTF-7"


class CharsetError(Refusal):
    """SEARCH in a charset that the server does not know (RFC 3501 6.4.4)."""

    code = b"BADCHARSET (UTF-8 US-ASCII)"

    @property
    def text(self) -> str:
        """Names no charset: the client's spelling is not echoed."""
        return "Unknown charset"


class NeedLiteral(Exception):
    """The lexer reached a literal that the client has announced but not sent yet."""
