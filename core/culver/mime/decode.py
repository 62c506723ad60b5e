"""Bodies as their authors meant them: transfer encodings off (RFC 2045 6), bytes to text."""

from culver.mime.charset import decode_text
from culver.mime.crlf import Buffer
from culver.mime.headers import first
from culver.mime.lexer import BROKEN, Lexer
from culver.mime.part import Part
from culver.mime.transfer import decode_base64, decode_quoted_printable, decode_uuencode

IDENTITY_ENCODINGS = frozenset({b"7bit", b"8bit", b"binary"})


class UnknownEncodingError(ValueError):
    """A Content-Transfer-Encoding that nobody knows; BINARY answers UNKNOWN-CTE (RFC 3516 4.3)."""


def transfer_encoding(buf: Buffer, part: Part) -> bytes:
    """The Content-Transfer-Encoding of a part in lower case; `7bit` when it says nothing usable."""
    value = first(buf, part, b"content-transfer-encoding")
    if value is None:
        return b"7bit"
    lexer, out = Lexer(value), bytearray()
    lexer.skip_space()
    return b"7bit" if lexer.token(out) == BROKEN or not out else bytes(out).lower()


def decode_body(buf: Buffer, part: Part) -> bytes:
    """The body of a part without its transfer encoding; line ends stay as they are stored.

    Raises UnknownEncodingError when the encoding has no known name.
    """
    encoding = transfer_encoding(buf, part)
    data = buf[part.body_start : part.body_end]
    if encoding in IDENTITY_ENCODINGS:
        return data
    match encoding:
        case b"base64":
            return decode_base64(data)
        case b"quoted-printable":
            return decode_quoted_printable(data)
        case b"x-uuencode" | b"x-uue" | b"uuencode":
            return decode_uuencode(data)
        case _:
            name = encoding.decode("ascii", "backslashreplace")
            raise UnknownEncodingError(
                f"Content-Transfer-Encoding {name!r} is none of 7bit, 8bit, binary, base64, "
                "quoted-printable, x-uuencode"
            )


def body_text(buf: Buffer, part: Part) -> str:
    """The body of a text part as text: decoded, in its charset. Never fails.

    An unknown transfer encoding is searched as it stands.
    """
    try:
        data = decode_body(buf, part)
    except UnknownEncodingError:
        data = buf[part.body_start : part.body_end]
    charset = part.content.param(b"charset") if part.content else None
    return decode_text(data, charset or b"us-ascii")
