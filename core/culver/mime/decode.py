"""Bodies as their authors meant them: transfer encodings off (RFC 2045 6), bytes to text."""

import re
from binascii import Error, a2b_base64, a2b_uu

from culver.mime.charset import decode_text
from culver.mime.crlf import Buffer
from culver.mime.headers import first
from culver.mime.lexer import BROKEN, Lexer
from culver.mime.part import Part

_SOFT_BREAK_RE = re.compile(rb"=[ \t]*(?:\r?\n|\Z)")
_TRAILING_SPACE_RE = re.compile(rb"[ \t]+(?=\r?\n|\Z)")
_HEX_RE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          b"0123456789+/="))  # fmt: skip
_BYTES = [bytes([i]) for i in range(256)]

IDENTITY_ENCODINGS = frozenset({b"7bit", b"8bit", b"binary"})


class UnknownEncodingError(ValueError):
    """A Content-Transfer-Encoding that nobody knows; BINARY answers UNKNOWN-CTE (RFC 3516 4.3)."""


def decode_base64(data: bytes) -> bytes:
    """Base64 without a complaint: bytes outside of the alphabet are skipped, as RFC 2045 6.8 asks.

    Padding in the middle ends one run and begins the next (mailers that paste encodings together);
    a last group of one character says nothing and is left out.
    """
    data = data.translate(None, _NOT_BASE64)
    body = data.rstrip(b"=")
    if b"=" not in body:
        return a2b_base64(body[: len(body) - (len(body) % 4 == 1)] + b"===")
    return b"".join(
        a2b_base64(run[: len(run) - (len(run) % 4 == 1)] + b"===") for run in re.split(b"=+", body)
    )


def decode_quoted_printable(data: bytes) -> bytes:
    """Quoted-printable without a complaint: a `=` that begins nothing stays (RFC 2045 6.7)."""
    if b" \n" in data or b" \r\n" in data or b"\t\n" in data or b"\t\r\n" in data:
        data = _TRAILING_SPACE_RE.sub(b"", data)
    if b"=" not in data:
        return data
    data = _SOFT_BREAK_RE.sub(b"", data)
    return _HEX_RE.sub(lambda pair: _BYTES[int(pair[1], 16)], data)


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


def decode_uuencode(data: bytes) -> bytes:
    """The lines between `begin` and `end`; broken lines are left out."""
    start = data.find(b"begin ")
    lines = data[max(start, 0) :].splitlines()
    out: list[bytes] = []
    for line in lines[1 if start >= 0 else 0 :]:
        if line == b"end":
            break
        try:
            out.append(a2b_uu(line))
        except Error:
            continue
    return b"".join(out)


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
