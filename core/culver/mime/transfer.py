"""Transfer encodings taken off without a complaint: a search or a preview takes what there is."""

import re
from binascii import Error, a2b_base64, a2b_uu

_SOFT_BREAK_RE = re.compile(rb"=[ \t]*(?:\r?\n|\Z)")
# The look-behind keeps a long run of spaces inside a line from being tried from each of them.
_TRAILING_SPACE_RE = re.compile(rb"(?<![ \t])[ \t]+(?=\r?\n|\Z)")
_HEX_RE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          b"0123456789+/="))  # fmt: skip
_BYTES = [bytes([i]) for i in range(256)]


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
