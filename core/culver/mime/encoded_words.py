"""Encoded words in headers: =?charset?B?...?= (RFC 2047), decoded to text."""

import re

from culver.mime.charset import decode_text
from culver.mime.transfer import decode_base64

# RFC 2231 5 allows "*language" behind the charset. The text may hold spaces here, against RFC
# 2047 2: there are mailers that leave them in Q words.
_WORD_RE = re.compile(rb"=\?([^?\s]{1,75})\?([BbQq])\?([^?\r\n]*)\?=")
_FOLD_RE = re.compile(rb"\r?\n(?=[ \t])|[\r\n]+")
_HEX_RE = re.compile(rb"=([0-9A-Fa-f]{2})")


def unfold(value: bytes) -> bytes:
    """A header value on one line: line ends go, the space behind them stays (RFC 5322 2.2.3)."""
    return _FOLD_RE.sub(b"", value) if b"\n" in value or b"\r" in value else value


def decode_rfc2047(value: bytes) -> str:
    """The text of a header value: unfolded, encoded words decoded, the rest taken as UTF-8.

    White space between two encoded words vanishes, and neighbours in one charset are joined as
    bytes before they are decoded, since mailers split words inside a character.
    """
    value = unfold(value)
    if b"=?" not in value:
        return decode_text(value)
    out: list[str] = []
    at, charset, run = 0, b"", b""
    for word in _WORD_RE.finditer(value):
        between = value[at : word.start()]
        name = word[1].partition(b"*")[0].lower()
        if run and (between.strip() or name != charset):
            out.append(decode_text(run, charset))
            run = b""
        if between.strip() or not at:
            out.append(decode_text(between))
        charset, run, at = name, run + _bytes_of(word[2], word[3]), word.end()
    if run:
        out.append(decode_text(run, charset))
    return "".join([*out, decode_text(value[at:])])


def _bytes_of(encoding: bytes, text: bytes) -> bytes:
    return decode_q(text) if encoding in b"Qq" else decode_base64(text)


def decode_q(text: bytes) -> bytes:
    """The Q encoding (RFC 2047 4.2): underscores are spaces, a broken =XX stays as it is."""
    return _HEX_RE.sub(lambda pair: bytes([int(pair[1], 16)]), text.replace(b"_", b" "))
