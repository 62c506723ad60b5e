"""Parts without their transfer encoding (RFC 3516), and messages that may not stay binary."""

from base64 import encodebytes
from collections.abc import Callable

from culver.mime.crlf import Buffer, to_crlf
from culver.mime.decode import IDENTITY_ENCODINGS, decode_body, transfer_encoding
from culver.mime.headers import fields
from culver.mime.parse import parse_message
from culver.mime.part import MULTIPART, RFC822, Part
from culver.mime.transfer import decode_quoted_printable


def is_encoded(buf: Buffer, part: Part) -> bool:
    """Whether the part's body has an encoding; a multipart or message has none (RFC 2045 6.4)."""
    if part.flags & (MULTIPART | RFC822):
        return False
    return transfer_encoding(buf, part) not in IDENTITY_ENCODINGS


def binary_body(buf: Buffer, part: Part) -> bytes:
    """What BINARY[n] gives: the decoded body, its line ends CRLF where they are the encoding's own.

    Raises decode.UnknownEncodingError.
    """
    if not is_encoded(buf, part):
        return to_crlf(buf[part.body_start : part.body_end])
    if transfer_encoding(buf, part) == b"quoted-printable":
        return decode_quoted_printable(to_crlf(buf[part.body_start : part.body_end]))
    return decode_body(buf, part)


def binary_message(buf: Buffer, root: Part) -> bytes:
    """What BINARY[] gives: the message with every encoded body decoded and called `binary`.

    Raises decode.UnknownEncodingError.
    """

    def decoded(part: Part) -> bytes | None:
        return binary_body(buf, part) if is_encoded(buf, part) else None

    return _rewritten(buf, root, b"binary", decoded)


def without_binary(message: bytes) -> bytes:
    """The message with base64 in the place of each body of encoding `binary` (RFC 3516 4.4)."""

    def encoded(part: Part) -> bytes | None:
        if transfer_encoding(message, part) != b"binary":
            return None
        text = encodebytes(message[part.body_start : part.body_end]).replace(b"\n", b"\r\n")
        # In a multipart the last line end belongs to the boundary that follows.
        return text if part.body_end == len(message) else text.removesuffix(b"\r\n")

    return _rewritten(message, parse_message(message), b"base64", encoded, crlf=False)


def _rewritten(
    buf: Buffer,
    root: Part,
    encoding: bytes,
    body_of: Callable[[Part], bytes | None],
    *,
    crlf: bool = True,
) -> bytes:
    """The message with other bodies for those leaves that `body_of` has one for."""
    convert = to_crlf if crlf else bytes
    pieces: list[bytes] = []
    at = 0
    for part in _leaves(root):
        body = body_of(part)
        if body is not None:
            header = _header(buf, part, encoding)
            pieces += [convert(buf[at : part.header_start]), to_crlf(header), body]
            at = part.body_end
    return b"".join((*pieces, convert(buf[at : len(buf)])))


def _leaves(root: Part) -> list[Part]:
    leaves: list[Part] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        waiting += reversed(part.children)
        if not part.children:
            leaves.append(part)
    return leaves


def _header(buf: Buffer, part: Part, encoding: bytes) -> bytes:
    lines = [
        b"Content-Transfer-Encoding: %b\r\n" % encoding
        if field.name.lower() == b"content-transfer-encoding"
        else field.raw
        for field in fields(buf, part.header_start, part.body_start)
    ]
    return b"".join((*lines, b"\r\n"))
